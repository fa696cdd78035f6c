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
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final String LETTERS_AND_REST = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";

    private GgufTokenizer() {}

    /** Byte-level pairs only: SentencePiece vocabularies are refused. */
    static ObjectNode of(GgufFile file) throws EngineException {
        GgufMetadata metadata = new GgufMetadata(file.file().toString(), file.metadata());
        String model = metadata.text("tokenizer.ggml.model");
        if (!model.equals("gpt2")) {
            throw unsupported(metadata, "vocabulary of the kind " + GgufCursor.shown(model));
        }
        String pre = metadata.optionalText("tokenizer.ggml.pre").orElse("gpt-2");
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        List<String> tokens = metadata.texts("tokenizer.ggml.tokens");
        addTokens(root.putArray("added_tokens"), metadata, tokens);
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
        return root;
    }

    private static void addTokens(ArrayNode added, GgufMetadata metadata, List<String> tokens) {
        List<GgufValue> types = metadata.list("tokenizer.ggml.token_type");
        for (int id = 0; id < Math.min(tokens.size(), types.size()); id++) {
            if (types.get(id) instanceof GgufValue.Whole(long type) && (type == CONTROL || type == USER_DEFINED)) {
                added.addObject()
                        .put("id", id)
                        .put("content", tokens.get(id))
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", type == CONTROL);
            }
        }
    }

    private static ObjectNode preTokenizer(GgufMetadata metadata, String pre) throws EngineException {
        ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
        ArrayNode steps = sequence.putArray("pretokenizers");
        switch (pre) {
            case "gpt-2" -> steps.add(byteLevel(true));
            case "llama-bpe", "llama3", "llama-v3" -> split(steps, CONTRACTIONS + "\\p{N}{1,3}|" + LETTERS_AND_REST);
            case "qwen2", "qwen3" -> split(steps, CONTRACTIONS + "\\p{N}|" + LETTERS_AND_REST);
            default -> throw unsupported(metadata, "way to cut text called " + GgufCursor.shown(pre));
        }
        return sequence;
    }

    private static void split(ArrayNode steps, String expression) {
        ObjectNode split = steps.addObject()
                .put("type", "Split")
                .put("behavior", "Isolated")
                .put("invert", false);
        split.putObject("pattern").put("Regex", expression);
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
        config.put("add_bos_token", metadata.flag("tokenizer.ggml.add_bos_token", false));
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
