package studio.atelier.engine.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.EngineException;

/**
 * The special tokens that a model expects around a text: some ids before it and some after.
 *
 * <p>Source: the post-processors of Hugging Face tokenizers, for one sequence; those that only change offsets add
 * nothing here.
 */
record PostProcessor(List<Integer> before, List<Integer> after) {
    static final PostProcessor NONE = new PostProcessor(List.of(), List.of());

    static PostProcessor read(JsonSection section) throws EngineException {
        return switch (section.text("type")) {
            case "Sequence" -> {
                var result = NONE;
                for (var step : section.elements("processors")) {
                    result = result.inside(read(step));
                }
                yield result;
            }
            case "ByteLevel" -> NONE;
            case "TemplateProcessing" -> template(section);
            case "BertProcessing", "RobertaProcessing" ->
                new PostProcessor(
                        List.of(idOfPair(section.required("cls"))), List.of(idOfPair(section.required("sep"))));
            case String other -> throw section.broken("is a post-processor that Atelier does not know: " + other);
        };
    }

    int[] apply(int[] ids) {
        var result = new TokenIds();
        before.forEach(result::add);
        result.addAll(ids);
        after.forEach(result::add);
        return result.toArray();
    }

    private PostProcessor inside(PostProcessor outer) {
        return new PostProcessor(joined(outer.before, before), joined(after, outer.after));
    }

    private static List<Integer> joined(List<Integer> first, List<Integer> second) {
        var result = new ArrayList<>(first);
        result.addAll(second);
        return List.copyOf(result);
    }

    private static PostProcessor template(JsonSection section) throws EngineException {
        Map<String, List<Integer>> specialTokens = specialTokens(section);
        var before = new ArrayList<Integer>();
        var after = new ArrayList<Integer>();
        boolean sequenceSeen = false;
        for (var piece : section.elements("single")) {
            var special = piece.optional("SpecialToken");
            if (special.isPresent()) {
                String name = special.get().text("id");
                var ids = specialTokens.get(name);
                if (ids == null) {
                    throw special.get().broken("names \"" + name + "\", which special_tokens does not define");
                }
                (sequenceSeen ? after : before).addAll(ids);
            } else if (piece.optional("Sequence").isPresent() && !sequenceSeen) {
                sequenceSeen = true;
            } else {
                throw piece.broken("must be a special token or the one sequence of the template");
            }
        }
        if (!sequenceSeen) {
            throw section.broken("has a template without the sequence");
        }
        return new PostProcessor(List.copyOf(before), List.copyOf(after));
    }

    private static Map<String, List<Integer>> specialTokens(JsonSection section) throws EngineException {
        var result = new HashMap<String, List<Integer>>();
        var all = section.optional("special_tokens");
        if (all.isEmpty()) {
            return result;
        }
        for (var token : all.get().fields().entrySet()) {
            var ids = new ArrayList<Integer>();
            for (var id : token.getValue().elements("ids")) {
                ids.add(id.number(Vocabulary.MAX_ID));
            }
            result.put(token.getKey(), ids);
        }
        return result;
    }

    private static int idOfPair(JsonSection pair) throws EngineException {
        var elements = pair.elements();
        if (elements.size() != 2) {
            throw pair.broken("must be a token and its id");
        }
        return elements.get(1).number(Vocabulary.MAX_ID);
    }
}
