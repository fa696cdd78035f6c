package studio.atelier.models.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.EngineException;

/**
 * A SentencePiece vocabulary of pairs, as Llama 2, Mistral and Mixtral have it: pieces with scores, of which the best
 * scored pair is joined first, and a token for each byte that no piece covers. What {@code tokenizer.json} calls merges
 * follows from the scores.
 */
final class GgufSentencePiece {
    private static final int BYTE = 6;
    private static final int UNKNOWN = 2;
    private static final String SPACE = "\u2581";
    /** Longer pieces come from no trainer; each is tried at every place. */
    private static final int LONGEST_PIECE = 128;

    private record Merge(int left, int right, double score) {}

    private GgufSentencePiece() {}

    /** Adds the model, and what is done before and after it. */
    static void addTo(ObjectNode root, GgufMetadata metadata, List<String> tokens) throws EngineException {
        if (metadata.flag("tokenizer.ggml.add_space_prefix", true)) {
            ArrayNode steps =
                    root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
            steps.addObject().put("type", "Prepend").put("prepend", SPACE);
            steps.add(replace(" ", SPACE));
        } else {
            root.set("normalizer", replace(" ", SPACE));
        }
        ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
        decoders.add(replace(SPACE, " "));
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        if (metadata.flag("tokenizer.ggml.add_space_prefix", true)) {
            decoders.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
        ObjectNode model = root.putObject("model")
                .put("type", "BPE")
                .put("byte_fallback", true)
                .put("fuse_unk", true)
                .put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (ids.putIfAbsent(tokens.get(id), id) != null) {
                throw metadata.refused("tokenizer.ggml.tokens", "different tokens, got one twice at " + id);
            }
            vocabulary.put(tokens.get(id), id);
        }
        List<Integer> kinds = kinds(metadata, tokens.size());
        int unknown = kinds.indexOf(UNKNOWN);
        if (unknown >= 0) {
            model.put("unk_token", tokens.get(unknown));
        }
        ArrayNode merges = model.putArray("merges");
        for (Merge merge : merges(tokens, ids, kinds, scores(metadata, tokens.size()))) {
            merges.addArray().add(tokens.get(merge.left())).add(tokens.get(merge.right()));
        }
    }

    private static ObjectNode replace(String from, String to) {
        ObjectNode replace = JsonNodeFactory.instance.objectNode().put("type", "Replace");
        replace.putObject("pattern").put("String", from);
        return replace.put("content", to);
    }

    /** Every way to make a piece of two others, the best scored piece first. */
    private static List<Merge> merges(
            List<String> tokens, Map<String, Integer> ids, List<Integer> kinds, double[] scores) {
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            boolean joined = kinds.get(id) == GgufTokenizer.NORMAL || kinds.get(id) == GgufTokenizer.USER_DEFINED;
            if (!joined || token.length() > LONGEST_PIECE) {
                continue;
            }
            for (int at = 1; at < token.length(); at++) {
                Integer left = ids.get(token.substring(0, at));
                Integer right = ids.get(token.substring(at));
                if (left != null && right != null && kinds.get(left) != BYTE && kinds.get(right) != BYTE) {
                    merges.add(new Merge(left, right, scores[id]));
                }
            }
        }
        merges.sort(Comparator.comparingDouble(Merge::score)
                .reversed()
                .thenComparingInt(Merge::left)
                .thenComparingInt(Merge::right));
        return merges;
    }

    private static List<Integer> kinds(GgufMetadata metadata, int count) throws EngineException {
        List<Integer> kinds = new ArrayList<>();
        for (GgufValue value : metadata.list("tokenizer.ggml.token_type")) {
            if (!(value instanceof GgufValue.Whole(long kind))) {
                throw metadata.refused("tokenizer.ggml.token_type", "whole numbers");
            }
            kinds.add((int) kind);
        }
        if (kinds.size() != count) {
            throw metadata.refused("tokenizer.ggml.token_type", count + " numbers, got " + kinds.size());
        }
        return kinds;
    }

    private static double[] scores(GgufMetadata metadata, int count) throws EngineException {
        List<GgufValue> values = metadata.list("tokenizer.ggml.scores");
        double[] scores = new double[count];
        for (int id = 0; id < Math.min(count, values.size()); id++) {
            if (!(values.get(id) instanceof GgufValue.Real(double score)) || Double.isNaN(score)) {
                throw metadata.refused("tokenizer.ggml.scores", "numbers");
            }
            scores[id] = score;
        }
        if (values.size() != count) {
            throw metadata.refused("tokenizer.ggml.scores", count + " numbers, got " + values.size());
        }
        return scores;
    }
}
