package studio.atelier.engine.tokenizer;

import java.util.Arrays;

/**
 * Byte-pair encoding: a piece begins as its characters, and the pair of neighbours with the lowest rank is merged until
 * none is left. Neighbours are a linked list and candidates a heap, so a piece of n characters takes n log n steps.
 *
 * <p>Source: Sennrich et al. 2016; details as in the BPE model of Hugging Face tokenizers.
 */
final class BytePairEncoding implements TokenModel {

    /** How characters outside the vocabulary and borders of words are treated. */
    record Options(
            int unknownId,
            boolean fusesUnknown,
            boolean fallsBackToBytes,
            boolean takesWholePieces,
            String continuingPrefix,
            String endSuffix) {}

    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final Options options;
    private final int[] byteTokenIds;
    private final WordCache cache = new WordCache();
    // The ids of the one-character tokens of the Basic Multilingual Plane, -1 elsewhere.
    private final int[] idOfCharacter = new int[0x10000];

    BytePairEncoding(Vocabulary vocabulary, MergeTable merges, Options options) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.options = options;
        this.byteTokenIds = vocabulary.byteTokenIds();
        Arrays.setAll(idOfCharacter, c -> vocabulary.id(Character.toString(c)));
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void encode(String piece, TokenIds out) {
        if (options.takesWholePieces()) {
            int whole = vocabulary.id(piece);
            if (whole >= 0) {
                out.add(whole);
                return;
            }
        }
        out.addAll(cache.get(piece, this::mergeAll));
    }

    private int[] mergeAll(String piece) {
        int[] symbols = characters(piece);
        int count = symbols.length;
        int[] next = new int[count];
        int[] previous = new int[count];
        var queue = new MergeQueue(count);
        for (int i = 0; i < count; i++) {
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : -1;
            offer(queue, symbols, i, next[i]);
        }
        while (!queue.isEmpty()) {
            long entry = queue.remove();
            int left = MergeQueue.position(entry);
            int right = symbols[left] < 0 ? -1 : next[left];
            if (right < 0) {
                continue;
            }
            // The entry may be older than a merge that changed one of its two symbols.
            int rank = merges.rank(symbols[left], symbols[right]);
            int merged = merges.merged(MergeQueue.rank(entry));
            if (rank < 0 || merges.merged(rank) != merged) {
                continue;
            }
            symbols[left] = merged;
            symbols[right] = -1;
            next[left] = next[right];
            if (next[left] >= 0) {
                previous[next[left]] = left;
            }
            if (previous[left] >= 0) {
                offer(queue, symbols, previous[left], left);
            }
            offer(queue, symbols, left, next[left]);
        }
        return Arrays.stream(symbols).filter(id -> id >= 0).toArray();
    }

    private void offer(MergeQueue queue, int[] symbols, int left, int right) {
        if (right >= 0) {
            int rank = merges.rank(symbols[left], symbols[right]);
            if (rank >= 0) {
                queue.add(rank, left);
            }
        }
    }

    /** The ids of the piece's characters; those outside the vocabulary as bytes or as the unknown token. */
    private int[] characters(String piece) {
        var ids = new TokenIds();
        boolean unknownPending = false;
        for (int at = 0; at < piece.length(); ) {
            int codePoint = piece.codePointAt(at);
            int end = at + Character.charCount(codePoint);
            String spelled = spelled(piece, at, end);
            int id = spelled.isEmpty() ? idOfCharacter[codePoint] : vocabulary.id(spelled);
            if (id >= 0) {
                if (unknownPending) {
                    ids.add(options.unknownId());
                    unknownPending = false;
                }
                ids.add(id);
            } else if (!addBytes(spelled.isEmpty() ? piece.substring(at, end) : spelled, ids)
                    && options.unknownId() >= 0) {
                if (unknownPending && !options.fusesUnknown()) {
                    ids.add(options.unknownId());
                }
                unknownPending = true;
            }
            at = end;
        }
        if (unknownPending) {
            ids.add(options.unknownId());
        }
        return ids.toArray();
    }

    private boolean addBytes(String spelled, TokenIds ids) {
        return options.fallsBackToBytes() && Vocabulary.addBytes(spelled, byteTokenIds, ids);
    }

    /** The character as the vocabulary spells it at its place in the word; empty for a plain one of 16 bits. */
    private String spelled(String piece, int start, int end) {
        String prefix = start > 0 ? options.continuingPrefix() : "";
        String suffix = end == piece.length() ? options.endSuffix() : "";
        if (prefix.isEmpty() && suffix.isEmpty() && end - start == 1) {
            return "";
        }
        return prefix + piece.substring(start, end) + suffix;
    }
}
