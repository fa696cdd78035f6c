package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import studio.atelier.engine.backend.cpu.emit.Arguments;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;

/**
 * Calls the emitted kernels: few rows of x go row by row through the weights as they lie in the file, many by tiles of
 * weights that are turned on the way and stay in the second-level cache.
 */
final class EmittedNibbles implements NibbleKernels {
    /**
     * From this many rows of x on, turning the weights pays. Not taken for a few positions: it adds in another order, and an
     * answer may not depend on who else is being answered.
     */
    private static final int TILES_FROM_TOKENS = 5;

    /** A call must end soon: the garbage collector waits for it. */
    private static final int MOST_TILE_TOKENS = 96;

    private static final int OUT_FLOATS = 8192;

    private final EmittedKernels kernels;
    private final Worker[] workers;

    EmittedNibbles(EmittedKernels kernels, int workers) {
        this.kernels = kernels;
        this.workers = new Worker[workers];
        for (int i = 0; i < workers; i++) {
            this.workers[i] = new Worker();
        }
    }

    EmittedKernels kernels() {
        return kernels;
    }

    /** What one thread calls with. */
    private static final class Worker {
        private final Arena arena = Arena.ofAuto();
        private final Arguments arguments = new Arguments(arena);
        private final MemorySegment out = arena.allocate(4L * OUT_FLOATS, 64);
        private MemorySegment tiles = MemorySegment.NULL;

        MemorySegment tiles(long sizeBytes) {
            if (tiles.byteSize() < sizeBytes) {
                tiles = Arena.ofAuto().allocate(sizeBytes, 64);
            }
            return tiles;
        }
    }

    @Override
    public String description() {
        return kernels.set().label();
    }

    @Override
    public void code(Activations into, int row, int firstGroup, int groups, float[] x, int at, int worker) {
        Worker mine = workers[worker];
        int most = OUT_FLOATS / Activations.GROUP;
        for (int done = 0; done < groups; done += most) {
            int count = Math.min(most, groups - done);
            int group = firstGroup + done;
            MemorySegment.copy(
                    x, at + done * Activations.GROUP, mine.out, ValueLayout.JAVA_FLOAT, 0, count * Activations.GROUP);
            mine.arguments.setCoding(
                    mine.out.address(),
                    into.codes(row, group),
                    into.scales(row) + 4L * group,
                    into.sums(row) + 4L * group,
                    count,
                    group % 2 == 0 ? 32 : 96);
            kernels.code(mine.arguments);
        }
    }

    @Override
    public void multiply(
            Weight weight,
            int from,
            int to,
            Activations x,
            int firstToken,
            int tokenStep,
            int tokens,
            float[] y,
            int yAt,
            int yStride,
            int worker) {
        Worker mine = workers[worker];
        int row = from;
        if (tokens >= TILES_FROM_TOKENS && !x.ofFewPositions()) {
            while (to - row >= EmittedKernels.TILE_ROWS) {
                int blocks = Math.min(kernels.tileBlocks(), (to - row) / EmittedKernels.TILE_ROWS);
                tiles(mine, weight, row, blocks, x, firstToken, tokenStep, tokens, y, yAt, yStride);
                row += blocks * EmittedKernels.TILE_ROWS;
            }
        }
        for (int done = 0; done < tokens && row < to; done += EmittedKernels.ROW_TOKENS) {
            int count = Math.min(EmittedKernels.ROW_TOKENS, tokens - done);
            int first = firstToken + done * tokenStep;
            rows(mine, weight, row, to, x, first, tokenStep, count, y, yAt + done * yStride, yStride);
        }
    }

    private void rows(
            Worker mine,
            Weight weight,
            int from,
            int to,
            Activations x,
            int firstToken,
            int tokenStep,
            int tokens,
            float[] y,
            int yAt,
            int yStride) {
        DType scales = scaleType(weight);
        int most = OUT_FLOATS / tokens;
        for (int row = from; row < to; row += most) {
            int count = Math.min(most, to - row);
            setWeight(mine.arguments, weight, row, count);
            setTokens(mine.arguments, x, firstToken, tokenStep, tokens);
            mine.arguments.setOut(mine.out.address(), 4L * count);
            kernels.rows(scales, tokens, mine.arguments);
            for (int t = 0; t < tokens; t++) {
                MemorySegment.copy(mine.out, ValueLayout.JAVA_FLOAT, 4L * t * count, y, yAt + t * yStride + row, count);
            }
        }
    }

    private void tiles(
            Worker mine,
            Weight weight,
            int row,
            int blocks,
            Activations x,
            int firstToken,
            int tokenStep,
            int tokens,
            float[] y,
            int yAt,
            int yStride) {
        long blockBytes = (long) x.groups() * EmittedKernels.TILE_GROUP_BYTES;
        MemorySegment tiles = mine.tiles(kernels.tileBlocks() * blockBytes);
        for (int block = 0; block < blocks; block++) {
            setWeight(mine.arguments, weight, row + block * EmittedKernels.TILE_ROWS, EmittedKernels.TILE_ROWS);
            mine.arguments.setTiles(tiles.address() + block * blockBytes);
            kernels.transpose(scaleType(weight), mine.arguments);
        }
        mine.arguments.setTiles(tiles.address());
        mine.arguments.setSize(EmittedKernels.TILE_ROWS, x.groups());
        int width = blocks * EmittedKernels.TILE_ROWS;
        int each = kernels.tileTokens();
        int whole = MOST_TILE_TOKENS / each * each;
        int done = 0;
        while (done < tokens) {
            int left = tokens - done;
            int count = left >= each ? Math.min(whole, left / each * each) : left;
            setTokens(mine.arguments, x, firstToken + done * tokenStep, tokenStep, count);
            mine.arguments.setOut(mine.out.address(), 0);
            kernels.tiles(blocks, Math.min(each, count), mine.arguments);
            for (int t = 0; t < count; t++) {
                MemorySegment.copy(
                        mine.out, ValueLayout.JAVA_FLOAT, 4L * t * width, y, yAt + (done + t) * yStride + row, width);
            }
            done += count;
        }
    }

    private static void setWeight(Arguments arguments, Weight weight, int row, int rows) {
        arguments.setWeight(
                weight.values().bytes().address() + row * weight.values().rowBytes(),
                weight.values().rowBytes(),
                weight.scales().bytes().address() + row * weight.scales().rowBytes(),
                weight.scales().rowBytes(),
                weight.biases().bytes().address() + row * weight.biases().rowBytes(),
                weight.biases().rowBytes());
        arguments.setSize(rows, weight.columns() / Activations.GROUP);
    }

    private static void setTokens(Arguments arguments, Activations x, int first, int step, int count) {
        long stride = (long) x.rowBytes() * step;
        arguments.setActivations(x.codes(first), x.scales(first), x.sums(first), stride, count);
    }

    private static DType scaleType(Weight weight) {
        if (weight.format() instanceof QuantFormat.Affine affine) {
            return affine.scaleType();
        }
        throw new IllegalArgumentException(weight.name() + ": expected 4-bit affine, got " + weight.format());
    }
}
