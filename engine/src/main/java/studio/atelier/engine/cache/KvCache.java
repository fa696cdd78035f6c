package studio.atelier.engine.cache;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all layers remember of one text. Cutting back is only forgetting how long it is: rows behind the length are
 * overwritten later. Belongs to the engine thread.
 */
public final class KvCache {
    private static final int MOST_KEPT_ROWS = 8;

    private final List<LayerCache> layers;
    private BooleanSupplier stopped = () -> false;
    private int length;
    /** By their number of rows; a token is read alone or with a few guesses. */
    private final @Nullable Batch[] alone = new @Nullable Batch[MOST_KEPT_ROWS + 1];

    private KvCache(List<LayerCache> layers) {
        this.layers = layers;
    }

    /** An empty cache of this many layers. */
    public static KvCache of(int layers, Supplier<LayerCache> layer) {
        return new KvCache(Stream.generate(layer).limit(layers).toList());
    }

    public LayerCache layer(int index) {
        return layers.get(index);
    }

    /** Positions read. */
    public int length() {
        return length;
    }

    /** Asks this between layers whether to give up on the positions being read, so that nobody waits for a long pass. */
    public void stopWhen(BooleanSupplier unwanted) {
        stopped = unwanted;
    }

    boolean stopped() {
        return stopped.getAsBoolean();
    }

    /** Tables that a snapshot of this cache has: two for each layer. */
    public int tables() {
        return 2 * layers.size();
    }

    /** The first rows of a table, for a snapshot. */
    public SnapshotPart copy(int table, int rows) {
        return layers.get(table / 2).copy(rows, table % 2 == 1);
    }

    /** Fills an empty cache from a snapshot's tables. Returns whether they are those of this kind of cache. */
    public boolean restore(List<SnapshotPart> tables, int rows) {
        if (tables.size() != tables()) {
            return false;
        }
        for (int i = 0; i < layers.size(); i++) {
            SnapshotPart first = tables.get(2 * i);
            if (first.rows() != rows || !layers.get(i).restore(first, tables.get(2 * i + 1))) {
                return false;
            }
        }
        length = rows;
        return true;
    }

    /** Bytes that one more position takes in all layers together. */
    public long bytesPerPosition() {
        return layers.stream().mapToLong(LayerCache::bytesPerPosition).sum();
    }

    /** Rows of this text alone; of a few rows the same object every time. */
    Batch alone(int rows) {
        if (rows > MOST_KEPT_ROWS) {
            return Batch.ofRows(this, rows);
        }
        Batch kept = alone[rows];
        if (kept == null) {
            kept = Batch.ofRows(this, rows);
            alone[rows] = kept;
        }
        return kept;
    }

    /** All layers have stored this many more positions. */
    public void advance(int positions) {
        length += positions;
    }

    /** Forgets all positions from this one on. */
    public void truncate(int position) {
        if (position < 0 || position > length) {
            throw new IllegalArgumentException("position: expected 0 to " + length + ", got " + position);
        }
        length = position;
    }
}
