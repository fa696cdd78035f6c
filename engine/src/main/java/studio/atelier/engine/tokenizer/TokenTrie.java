package studio.atelier.engine.tokenizer;

import java.util.Arrays;

/** A prefix tree over UTF-16 units; nodes are numbered, the end of a token carries its id. */
final class TokenTrie {
    static final int ROOT = 0;

    private final LongIntMap steps = new LongIntMap(64);
    private int[] tokenAt = {-1};
    private int nodes = 1;

    /** Adds the token unless the same text is there already. */
    void add(String token, int id) {
        int node = ROOT;
        for (int i = 0; i < token.length(); i++) {
            int next = step(node, token.charAt(i));
            if (next < 0) {
                next = nodes++;
                if (next == tokenAt.length) {
                    tokenAt = Arrays.copyOf(tokenAt, next * 2);
                    Arrays.fill(tokenAt, next, tokenAt.length, -1);
                }
                steps.put(key(node, token.charAt(i)), next);
            }
            node = next;
        }
        if (tokenAt[node] < 0) {
            tokenAt[node] = id;
        }
    }

    /** The node that the character leads to, or -1. */
    int step(int node, char character) {
        return steps.get(key(node, character));
    }

    /** The id of the token that ends here, or -1. */
    int tokenAt(int node) {
        return tokenAt[node];
    }

    private static long key(int node, char character) {
        return (long) node << 16 | character;
    }
}
