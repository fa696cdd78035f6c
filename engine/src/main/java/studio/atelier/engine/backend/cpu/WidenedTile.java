package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.Buffer;

/** A tile of an 8-bit cache as bfloat16, for emitted kernels, which read that. Of one worker. */
final class WidenedTile {
    private MemorySegment keys = MemorySegment.NULL;
    private MemorySegment others = MemorySegment.NULL;
    private EmittedAttention.@Nullable Tile tile;
    private int size;
    private int otherSize;
    private @Nullable EightBitBuffer from;
    private @Nullable EightBitBuffer fromOthers;
    private int column;

    /**
     * Where the tile lies.
     *
     * @param newSize elements of a key's first part
     * @param ropeSize elements of its second, for keys over latents, which are their own values; else 0
     */
    EmittedAttention.Tile tile(int newSize, int ropeSize) {
        EmittedAttention.Tile known = tile;
        if (known != null && newSize == size && known.otherSize() == ropeSize) {
            return known;
        }
        size = newSize;
        otherSize = ropeSize > 0 ? ropeSize : newSize;
        keys = Arena.ofAuto().allocate(2L * CpuAttention.TILE * size, 64);
        others = Arena.ofAuto().allocate(2L * CpuAttention.TILE * otherSize, 64);
        long stride = 2L * size;
        EmittedAttention.Tile made = ropeSize > 0
                ? new EmittedAttention.Tile(
                        keys.address(), stride, size, others.address(), 2L * ropeSize, ropeSize, keys.address(), stride)
                : new EmittedAttention.Tile(keys.address(), stride, size, 0, 0, 0, others.address(), stride);
        tile = made;
        return made;
    }

    /** Says what is read: keys and values from a column on, or latents and rotary keys, whole rows. */
    void of(Buffer first, Buffer second, int fromColumn) {
        from = (EightBitBuffer) first;
        fromOthers = (EightBitBuffer) second;
        column = fromColumn;
    }

    /** Fills the tile with up to 64 positions. */
    void read(int position, int count) {
        EightBitBuffer one = from;
        EightBitBuffer other = fromOthers;
        for (int i = 0; i < count && one != null && other != null; i++) {
            one.readHalves(position + i, column, size, keys, 2L * i * size);
            other.readHalves(position + i, column, otherSize, others, 2L * i * otherSize);
        }
    }
}
