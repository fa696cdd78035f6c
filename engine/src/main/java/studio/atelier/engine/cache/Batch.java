package studio.atelier.engine.cache;

import java.util.List;

/**
 * Rows that go through a model together: some of each of several texts, every text with a cache of its own. What looks
 * at each row alone takes them all at once; attention goes text by text.
 */
public final class Batch {
    private final KvCache[] caches;
    private final int[] starts;

    private Batch(KvCache[] caches, int[] starts) {
        this.caches = caches;
        this.starts = starts;
    }

    /** Rows of one text. */
    public static Batch of(KvCache cache, int rows) {
        return cache.alone(rows);
    }

    static Batch ofRows(KvCache cache, int rows) {
        return new Batch(new KvCache[] {cache}, new int[] {0, rows});
    }

    /** One row of each of these texts. */
    public static Batch ofEach(List<KvCache> caches) {
        int[] starts = new int[caches.size() + 1];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = i;
        }
        return new Batch(caches.toArray(KvCache[]::new), starts);
    }

    /** Number of texts. */
    public int texts() {
        return caches.length;
    }

    /** The first row of a text; of {@link #texts()} the number of all rows. */
    public int start(int text) {
        return starts[text];
    }

    /** Number of rows of all texts. */
    public int rows() {
        return starts[caches.length];
    }

    /** Position of a text's first row. */
    public int position(int text) {
        return caches[text].length();
    }

    /** What a layer remembers of a text. */
    public LayerCache layer(int text, int layer) {
        return caches[text].layer(layer);
    }

    /**
     * Goes on.
     *
     * @throws StoppedException when nobody wants any of the texts any more
     */
    public void requireWanted() {
        for (KvCache cache : caches) {
            if (!cache.stopped()) {
                return;
            }
        }
        throw new StoppedException();
    }

    /** All layers have stored these rows. */
    public void advance() {
        for (int text = 0; text < caches.length; text++) {
            caches[text].advance(starts[text + 1] - starts[text]);
        }
    }
}
