package studio.atelier.engine.tokenizer;

import java.util.Arrays;

/**
 * The unigram language model: of all ways to spell a piece with tokens, the one whose scores add up highest (Viterbi).
 *
 * <p>Source: Kudo 2018; details as in the Unigram model of Hugging Face tokenizers (unknown characters cost ten less
 * than the worst token, neighbours among them are one).
 */
final class Unigram implements TokenModel {
    private static final double UNKNOWN_PENALTY = 10.0;

    private final Vocabulary vocabulary;
    private final double[] scores;
    private final int unknownId;
    private final boolean fallsBackToBytes;
    private final int[] byteTokenIds;
    private final TokenTrie trie;
    private final double unknownScore;
    private final WordCache cache = new WordCache();

    /**
     * @param scores a log probability for every id
     * @param unknownId -1 when there is no unknown token: unknown characters are then left out
     */
    Unigram(Vocabulary vocabulary, double[] scores, int unknownId, boolean fallsBackToBytes) {
        this.vocabulary = vocabulary;
        this.scores = scores;
        this.unknownId = unknownId;
        this.fallsBackToBytes = fallsBackToBytes;
        this.byteTokenIds = vocabulary.byteTokenIds();
        this.trie = new TokenTrie();
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = vocabulary.token(id);
            if (token != null && !token.isEmpty()) {
                trie.add(token, vocabulary.id(token));
            }
        }
        this.unknownScore = Arrays.stream(scores).min().orElse(0) - UNKNOWN_PENALTY;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void encode(String piece, TokenIds out) {
        out.addAll(cache.get(piece, this::bestPath));
    }

    private int[] bestPath(String piece) {
        int length = piece.length();
        double[] best = new double[length + 1];
        int[] cameFrom = new int[length + 1];
        boolean[] unknown = new boolean[length + 1];
        Arrays.fill(cameFrom, -1);
        for (int start = 0; start < length; ) {
            int characterEnd = start + Character.charCount(piece.codePointAt(start));
            boolean characterKnown = false;
            int node = TokenTrie.ROOT;
            for (int end = start; end < length; ) {
                node = trie.step(node, piece.charAt(end++));
                if (node < 0) {
                    break;
                }
                int id = trie.tokenAt(node);
                if (id >= 0) {
                    characterKnown |= end == characterEnd;
                    offer(best, cameFrom, start, end, scores[id], unknown, id == unknownId);
                }
            }
            if (!characterKnown) {
                offer(best, cameFrom, start, characterEnd, unknownScore, unknown, true);
            }
            start = characterEnd;
        }
        return ids(piece, cameFrom, unknown);
    }

    private static void offer(
            double[] best, int[] cameFrom, int start, int end, double score, boolean[] unknown, boolean isUnknown) {
        double candidate = best[start] + score;
        if (cameFrom[end] < 0 || candidate > best[end]) {
            best[end] = candidate;
            cameFrom[end] = start;
            unknown[end] = isUnknown;
        }
    }

    private int[] ids(String piece, int[] cameFrom, boolean[] unknown) {
        int[] ends = new int[piece.length()];
        int count = 0;
        for (int end = piece.length(); end > 0; end = cameFrom[end]) {
            ends[count++] = end;
        }
        var ids = new TokenIds();
        int start = 0;
        for (int i = count - 1; i >= 0; i--) {
            boolean continues = unknown[ends[i]] && i > 0 && unknown[ends[i - 1]];
            if (!continues) {
                add(piece.substring(start, ends[i]), ids);
                start = ends[i];
            }
        }
        return ids.toArray();
    }

    private void add(String token, TokenIds ids) {
        int id = vocabulary.id(token);
        if (id >= 0) {
            ids.add(id);
        } else if (!(fallsBackToBytes && Vocabulary.addBytes(token, byteTokenIds, ids)) && unknownId >= 0) {
            ids.add(unknownId);
        }
    }
}
