package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.Arguments;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.Buffer;

/** A tile of an 8-bit cache as bfloat16, for emitted kernels, which read that. Of one worker. */
final class WidenedTile {
    private static final int BLOCK = EmittedKernels.WIDEN_BLOCK;

    private final EmittedKernels kernels;
    private final Arguments arguments = new Arguments(Arena.ofAuto());
    private MemorySegment keys = MemorySegment.NULL;
    private MemorySegment others = MemorySegment.NULL;
    private EmittedAttention.@Nullable Tile tile;
    private int size;
    private int otherSize;
    private @Nullable EightBitBuffer from;
    private @Nullable EightBitBuffer fromOthers;
    private int column;

    WidenedTile(EmittedKernels kernels) {
        this.kernels = kernels;
    }

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
        if (one != null && other != null) {
            read(one, position, count, column, size, keys);
            read(other, position, count, column, otherSize, others);
        }
    }

    /** Columns of some rows, one row behind the other. */
    void read(EightBitBuffer cache, int row, int count, int firstColumn, int width, MemorySegment to) {
        if (firstColumn % BLOCK == 0 && width % BLOCK == 0) {
            arguments.setWiden(
                    cache.codes().address() + (long) row * cache.width() + firstColumn,
                    cache.width(),
                    cache.factors().address() + Float.BYTES * ((long) row * cache.rowGroups() + firstColumn / BLOCK),
                    (long) Float.BYTES * cache.rowGroups(),
                    width / BLOCK,
                    count,
                    to.address());
            kernels.widen(arguments);
            return;
        }
        for (int i = 0; i < count; i++) {
            cache.readHalves(row + i, firstColumn, width, to, 2L * i * width);
        }
    }
}
