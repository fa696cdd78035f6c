package studio.atelier.engine.tokenizer;

import java.util.List;
import studio.atelier.engine.EngineException;

/** The pairs of tokens that may be merged: their rank (lower merges first) and the token they become. */
final class MergeTable {
    /** One merge of the file. */
    record Merge(String left, String right) {}

    private final LongIntMap ranks;
    private final int[] merged;

    private MergeTable(LongIntMap ranks, int[] merged) {
        this.ranks = ranks;
        this.merged = merged;
    }

    /**
     * Resolves the merges against the vocabulary.
     *
     * @param prefix what a token that continues a word begins with; it is dropped from the right part
     * @throws EngineException naming the first merge with a token that is not in the vocabulary
     */
    static MergeTable of(List<Merge> merges, Vocabulary vocabulary, String prefix, JsonSection section)
            throws EngineException {
        var ranks = new LongIntMap(merges.size());
        int[] merged = new int[merges.size()];
        for (int rank = 0; rank < merged.length; rank++) {
            var merge = merges.get(rank);
            int left = known(merge.left(), vocabulary, rank, section);
            int right = known(merge.right(), vocabulary, rank, section);
            if (merge.right().length() < prefix.length()) {
                throw section.broken("[" + rank + "] has a right part shorter than continuing_subword_prefix");
            }
            String whole = merge.left() + merge.right().substring(prefix.length());
            merged[rank] = known(whole, vocabulary, rank, section);
            ranks.put(key(left, right), rank);
        }
        return new MergeTable(ranks, merged);
    }

    /** The rank of merging the two tokens, or -1. */
    int rank(int left, int right) {
        return ranks.get(key(left, right));
    }

    /** The token that the merge of this rank makes. */
    int merged(int rank) {
        return merged[rank];
    }

    private static int known(String token, Vocabulary vocabulary, int rank, JsonSection section)
            throws EngineException {
        int id = vocabulary.id(token);
        if (id < 0) {
            throw section.broken("[" + rank + "] needs the token \"" + token + "\", which is not in model.vocab");
        }
        return id;
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }
}
