package studio.atelier.engine.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Provenance as texts in a picture's file: the {@code parameters} that other programs for pictures write and read, a JSON
 * object of our own that holds everything, and the XMP that says to everyone that a model made the picture.
 */
final class ProvenanceText {
    /** IPTC's word for what a generative model made (Digital Source Type, 2023). */
    static final String DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    private static final int DEEPEST = 16;
    private static final int MOST_ITEMS = 1_000;
    private static final Pattern SETTINGS = Pattern.compile("(?:^|\\n)(Steps: \\d+, [^\\n]*)$");
    private static final Pattern SETTING = Pattern.compile("([A-Z][A-Za-z ]*): ([^,]*)(?:, |$)");

    private ProvenanceText() {}

    private static JsonMapper mapper() {
        return JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(DEEPEST)
                                .build())
                        .build())
                .build();
    }

    /** As AUTOMATIC1111's program writes it, which most others read. */
    static String parameters(Provenance p) {
        return String.format(
                Locale.ROOT,
                "%s%nSteps: %d, Sampler: %s, CFG scale: %s, Seed: %d, Size: %dx%d, Model: %s".replace("%n", "\n"),
                p.prompt(),
                p.steps(),
                p.steps() == 0 ? "Autoregressive" : "Euler",
                plain(p.guidance()),
                p.seed(),
                p.width(),
                p.height(),
                p.model().replace(',', ' '));
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }

    static String json(Provenance p) {
        ObjectNode root = mapper().createObjectNode();
        root.put("version", 1)
                .put("prompt", p.prompt())
                .put("model", p.model())
                .put("seed", p.seed())
                .put("width", p.width())
                .put("height", p.height())
                .put("steps", p.steps())
                .put("guidance", p.guidance())
                .put("parent", p.parent());
        p.edits().forEach(root.putArray("edits")::add);
        root.put("alpha", p.alpha());
        p.colours().forEach(root.putArray("colours")::add);
        if (!p.plan().isEmpty()) {
            root.put("plan", p.plan());
        }
        root.put("digitalSourceType", DIGITAL_SOURCE);
        return root.toString();
    }

    static String xmp() {
        return """
                <?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
                <x:xmpmeta xmlns:x="adobe:ns:meta/">
                 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
                  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
                   Iptc4xmpExt:DigitalSourceType="%s"/>
                 </rdf:RDF>
                </x:xmpmeta>
                <?xpacket end="r"?>""".formatted(DIGITAL_SOURCE);
    }

    /** Reads our own object; empty when it is none. */
    static Optional<Provenance> ofJson(String text) {
        JsonNode root;
        try {
            root = mapper().readTree(text);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        if (root == null || !root.path("prompt").isTextual()) {
            return Optional.empty();
        }
        return Optional.of(new Provenance(
                root.path("prompt").asText(),
                root.path("model").asText(),
                root.path("seed").asLong(),
                root.path("width").asInt(),
                root.path("height").asInt(),
                root.path("steps").asInt(),
                root.path("guidance").asDouble(),
                root.path("parent").asText(),
                texts(root.path("edits")),
                root.path("alpha").asText("none"),
                texts(root.path("colours")),
                root.path("plan").asText()));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : array) {
            if (texts.size() < MOST_ITEMS) {
                texts.add(item.asText());
            }
        }
        return texts;
    }

    /** Reads the {@code parameters} of other programs as far as they say what we keep. */
    static Optional<Provenance> ofParameters(String text, int width, int height) {
        String whole = text.strip().replace("\r\n", "\n");
        Matcher settings = SETTINGS.matcher(whole);
        if (!settings.find()) {
            return Optional.empty();
        }
        String prompt = whole.substring(0, settings.start());
        int negative = prompt.indexOf("\nNegative prompt: ");
        if (negative >= 0) {
            prompt = prompt.substring(0, negative);
        }
        int steps = 0;
        long seed = 0;
        double guidance = 1;
        String model = "";
        Matcher setting = SETTING.matcher(settings.group(1));
        while (setting.find()) {
            String value = setting.group(2).strip();
            try {
                switch (setting.group(1)) {
                    case "Steps" -> steps = Integer.parseInt(value);
                    case "Seed" -> seed = Long.parseLong(value);
                    case "CFG scale" -> guidance = Double.parseDouble(value);
                    case "Model" -> model = value;
                    default -> {}
                }
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
        return Optional.of(
                new Provenance(prompt, model, seed, width, height, steps, guidance, "", List.of(), "none", List.of()));
    }
}
