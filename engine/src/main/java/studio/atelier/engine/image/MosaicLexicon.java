package studio.atelier.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.weights.BoundedJson;

/**
 * What a starter model of pictures can say and understand, from the {@code lexicon.json} beside its weights.
 *
 * @param tokens all of them; the place is the id
 * @param ids the ids by name
 * @param fields what a step can say, each with its first id and the one behind its last
 * @param phrases what people write, in small letters, and the tokens that it means; {@code #rrggbb} stands for a colour
 * @param places words that are never meant as a text to be written
 * @param letters that can be written
 * @param shapes that can be drawn
 * @param forms of pictures by their ratio
 * @param outlines of the letters, as commands of SVG paths within a square of side 1
 */
record MosaicLexicon(
        List<String> tokens,
        Map<String, Integer> ids,
        Map<String, Field> fields,
        Map<String, List<String>> phrases,
        Set<String> places,
        String letters,
        List<String> shapes,
        Map<String, Form> forms,
        Map<String, String> outlines) {
    static final String FILE = "lexicon.json";

    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_SIDE = 64;
    private static final int MOST_TOKENS = 1 << 14;

    /** Ids {@code [first, end)}. */
    record Field(int first, int end) {}

    /** Cells across and down. */
    record Form(int columns, int rows) {}

    MosaicLexicon {
        tokens = List.copyOf(tokens);
        ids = Map.copyOf(ids);
        fields = Map.copyOf(fields);
        phrases = Map.copyOf(phrases);
        places = Set.copyOf(places);
        shapes = List.copyOf(shapes);
        outlines = Map.copyOf(outlines);
    }

    /** Of a model's folder; the number of tokens must be that of the model. */
    static MosaicLexicon inFolder(Path folder, int vocabularySize) throws EngineException {
        Path file = folder.resolve(FILE);
        ObjectNode root = BoundedJson.read(file, MOST_BYTES, Reason.CONFIG_INVALID);
        List<String> tokens = texts(root.path("tokens"));
        if (tokens.size() != vocabularySize || tokens.size() > MOST_TOKENS) {
            throw new EngineException(
                    Reason.CONFIG_INVALID,
                    file + " names " + tokens.size() + " tokens and the model has " + vocabularySize
                            + "; both must come from the same training.");
        }
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            ids.put(tokens.get(i), i);
        }
        Map<String, Field> fields = new HashMap<>();
        int first = 0;
        for (Map.Entry<String, JsonNode> field : root.path("fields").properties()) {
            int end = Math.addExact(first, field.getValue().size());
            fields.put(field.getKey(), new Field(first, end));
            first = end;
        }
        Map<String, List<String>> phrases = new HashMap<>();
        root.path("phrases").properties().forEach(p -> phrases.put(p.getKey(), texts(p.getValue())));
        Map<String, Form> forms = new LinkedHashMap<>();
        root.path("forms")
                .properties()
                .forEach(f -> forms.put(
                        f.getKey(),
                        new Form(
                                f.getValue().path(0).asInt(),
                                f.getValue().path(1).asInt())));
        Map<String, String> outlines = new HashMap<>();
        root.path("outlines")
                .properties()
                .forEach(o -> outlines.put(o.getKey(), o.getValue().asText()));
        MosaicLexicon lexicon = new MosaicLexicon(
                tokens,
                ids,
                fields,
                phrases,
                Set.copyOf(texts(root.path("places"))),
                root.path("letters").asText(),
                texts(root.path("shapes")),
                forms,
                outlines);
        lexicon.check(file, first);
        return lexicon;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private void check(Path file, int written) throws EngineException {
        boolean formsFit = forms.containsKey("1:1")
                && forms.values().stream()
                        .allMatch(f -> f.columns > 0 && f.rows > 0 && f.columns <= MOST_SIDE && f.rows <= MOST_SIDE);
        boolean known = phrases.values().stream()
                .flatMap(List::stream)
                .allMatch(
                        token -> ids.containsKey(token) || Colours.parse(token).isPresent());
        if (written > tokens.size()
                || ids.size() != tokens.size()
                || !formsFit
                || !known
                || !fields.keySet().containsAll(MosaicStep.FIELDS)) {
            throw new EngineException(
                    Reason.CONFIG_INVALID,
                    file + " contradicts itself: fields, forms and phrases must speak of its " + tokens.size()
                            + " tokens; get the model again.");
        }
    }

    int id(String token) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new IllegalArgumentException("no token is named \"" + token + "\"");
        }
        return id;
    }

    int[] ids(List<String> step) {
        return step.stream().mapToInt(this::id).toArray();
    }

    Form form(String ratio) {
        Form form = forms.get(ratio);
        if (form == null) {
            throw new IllegalArgumentException("no form is named \"" + ratio + "\"");
        }
        return form;
    }

    /** The ratio nearest to that of a size. */
    String nearestForm(double width, double height) {
        double wanted = Math.log(width / height);
        String best = "1:1";
        double least = Double.MAX_VALUE;
        for (Map.Entry<String, Form> entry : forms.entrySet()) {
            Form form = entry.getValue();
            double distance = Math.abs(Math.log((double) form.columns / form.rows) - wanted);
            if (distance < least) {
                least = distance;
                best = entry.getKey();
            }
        }
        return best;
    }

    /** The natural logarithm of the chance that the logits give a token among those of its field. */
    double logProbability(String field, float[] logits, String token) {
        Field range = field(field);
        double most = Double.NEGATIVE_INFINITY;
        for (int i = range.first; i < range.end; i++) {
            most = Math.max(most, logits[i]);
        }
        double sum = 0;
        for (int i = range.first; i < range.end; i++) {
            sum += Math.exp(logits[i] - most);
        }
        return logits[id(token)] - most - Math.log(sum);
    }

    Field field(String name) {
        return Optional.ofNullable(fields.get(name))
                .orElseThrow(() -> new IllegalArgumentException("no field is named \"" + name + "\""));
    }

    /** The token of a field that the logits like best, of those allowed. */
    String likeliest(String field, float[] logits, java.util.function.Predicate<String> allowed) {
        Field range = field(field);
        int best = -1;
        for (int i = range.first; i < range.end; i++) {
            if ((best < 0 || logits[i] > logits[best]) && allowed.test(tokens.get(i))) {
                best = i;
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException("nothing is allowed in the field " + field);
        }
        return tokens.get(best);
    }
}
