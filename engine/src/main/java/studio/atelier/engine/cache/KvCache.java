package studio.atelier.engine.cache;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What all layers remember of one text. Cutting back is only forgetting how long it is: rows behind the length are
 * overwritten later. Belongs to the engine thread.
 */
public final class KvCache {
    private final List<LayerCache> layers;
    private BooleanSupplier stopped = () -> false;
    private int length;

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

    /** Bytes that one more position takes in all layers together. */
    public long bytesPerPosition() {
        return layers.stream().mapToLong(LayerCache::bytesPerPosition).sum();
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
