package studio.atelier.models.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/** A GGUF file's vocabulary as {@code tokenizer.json} and {@code tokenizer_config.json} say the same. */
final class GgufTokenizer {
    static final int NORMAL = 1;
    static final int USER_DEFINED = 4;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final String LETTERS_AND_REST = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
    private static final String LOWER_CASE =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
    private static final String UPPER_CASE =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
    private static final String SLASHES_AND_REST = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String PUNCTUATION_FIRST =
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                    + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private GgufTokenizer() {}

    /** Byte-level pairs, or SentencePiece's pairs with scores. */
    static ObjectNode of(GgufFile file) throws EngineException {
        GgufMetadata metadata = new GgufMetadata(file.file().toString(), file.metadata());
        String model = metadata.text("tokenizer.ggml.model");
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        List<String> tokens = metadata.texts("tokenizer.ggml.tokens");
        addTokens(root.putArray("added_tokens"), metadata, tokens);
        switch (model) {
            case "gpt2" -> addPairs(root, metadata, tokens);
            case "llama" -> GgufSentencePiece.addTo(root, metadata, tokens);
            default -> throw unsupported(metadata, "vocabulary of the kind " + GgufCursor.shown(model));
        }
        return root;
    }

    private static void addPairs(ObjectNode root, GgufMetadata metadata, List<String> tokens) throws EngineException {
        String pre = metadata.optionalText("tokenizer.ggml.pre").orElse("gpt-2");
        root.set("pre_tokenizer", preTokenizer(metadata, pre));
        root.set("decoder", byteLevel(true));
        ObjectNode pairs = root.putObject("model").put("type", "BPE").put("ignore_merges", pre.startsWith("llama"));
        ObjectNode vocabulary = pairs.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            if (vocabulary.has(tokens.get(id))) {
                throw metadata.refused("tokenizer.ggml.tokens", "different tokens, got one twice at " + id);
            }
            vocabulary.put(tokens.get(id), id);
        }
        ArrayNode merges = pairs.putArray("merges");
        for (String merge : metadata.texts("tokenizer.ggml.merges")) {
            // Both halves may begin with the letter that stands for a space, but none holds a space itself.
            int space = merge.indexOf(' ', 1);
            if (space < 0) {
                throw metadata.refused(
                        "tokenizer.ggml.merges", "two parts and a space, got " + GgufCursor.shown(merge));
            }
            merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
        }
    }

    private static void addTokens(ArrayNode added, GgufMetadata metadata, List<String> tokens) {
        List<GgufValue> types = metadata.list("tokenizer.ggml.token_type");
        boolean pieces =
                metadata.optionalText("tokenizer.ggml.model").orElse("").equals("llama");
        for (int id = 0; id < Math.min(tokens.size(), types.size()); id++) {
            if (types.get(id) instanceof GgufValue.Whole(long type)
                    && (type == CONTROL || type == USER_DEFINED || type == UNKNOWN && pieces)) {
                added.addObject()
                        .put("id", id)
                        .put("content", tokens.get(id))
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", type != USER_DEFINED);
            }
        }
    }

    private static ObjectNode preTokenizer(GgufMetadata metadata, String pre) throws EngineException {
        ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
        ArrayNode steps = sequence.putArray("pretokenizers");
        switch (pre) {
            case "gpt-2" -> steps.add(byteLevel(true));
            case "llama-bpe", "llama3", "llama-v3" -> split(steps, CONTRACTIONS + "\\p{N}{1,3}|" + LETTERS_AND_REST);
            case "qwen2", "qwen3", "deepseek-r1-qwen" -> split(steps, CONTRACTIONS + "\\p{N}|" + LETTERS_AND_REST);
            case "gpt-4o" ->
                split(steps, LOWER_CASE + ENDINGS + "|" + UPPER_CASE + ENDINGS + "|\\p{N}{1,3}|" + SLASHES_AND_REST);
            case "deepseek-v3" ->
                split(steps, "\\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", PUNCTUATION_FIRST);
            default -> throw unsupported(metadata, "way to cut text called " + GgufCursor.shown(pre));
        }
        return sequence;
    }

    private static void split(ArrayNode steps, String... expressions) {
        for (String expression : expressions) {
            ObjectNode split = steps.addObject()
                    .put("type", "Split")
                    .put("behavior", "Isolated")
                    .put("invert", false);
            split.putObject("pattern").put("Regex", expression);
        }
        steps.add(byteLevel(false));
    }

    private static ObjectNode byteLevel(boolean ownExpression) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", ownExpression);
    }

    /** Names of the special tokens, and the chat template. */
    static ObjectNode config(GgufFile file) throws EngineException {
        GgufMetadata metadata = new GgufMetadata(file.file().toString(), file.metadata());
        List<String> tokens = metadata.texts("tokenizer.ggml.tokens");
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        for (String name : List.of("bos", "eos", "unknown", "padding")) {
            String key = "tokenizer.ggml." + name + "_token_id";
            if (metadata.has(key) && metadata.whole(key) < tokens.size()) {
                String spelled = name.equals("unknown") ? "unk" : name.equals("padding") ? "pad" : name;
                config.put(spelled + "_token", tokens.get((int) metadata.whole(key)));
            }
        }
        boolean pieces =
                metadata.optionalText("tokenizer.ggml.model").orElse("").equals("llama");
        config.put("add_bos_token", metadata.flag("tokenizer.ggml.add_bos_token", pieces));
        Optional<String> template = metadata.optionalText("tokenizer.chat_template");
        template.ifPresent(text -> config.put("chat_template", text));
        return config;
    }

    private static EngineException unsupported(GgufMetadata metadata, String what) {
        return new EngineException(
                Reason.TOKENIZER_INVALID,
                metadata.file() + ": its " + what
                        + " can't be read from a GGUF file yet; look for a version in safetensors.");
    }
}
