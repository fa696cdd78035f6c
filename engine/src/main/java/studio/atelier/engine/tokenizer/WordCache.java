package studio.atelier.engine.tokenizer;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Remembers the ids of short pieces, a bounded number of them; forgets all when full. Safe for several threads. */
final class WordCache {
    private static final int MAX_WORDS = 20_000;
    private static final int MAX_WORD_LENGTH = 64;

    private final ConcurrentHashMap<String, int[]> words = new ConcurrentHashMap<>();

    int[] get(String word, Function<String, int[]> encoder) {
        if (word.length() > MAX_WORD_LENGTH) {
            return encoder.apply(word);
        }
        int[] known = words.get(word);
        if (known == null) {
            known = encoder.apply(word);
            if (words.size() >= MAX_WORDS) {
                words.clear();
            }
            words.put(word, known);
        }
        return known;
    }
}
