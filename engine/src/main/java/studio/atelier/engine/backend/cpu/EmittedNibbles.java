package studio.atelier.engine.backend.cpu;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.Arguments;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.ProductKernels;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Weight;

/**
 * Calls the emitted kernels, which are made and checked when weights of their form are first met: few rows of x go row by row through the weights as they lie in the file, many by tiles of
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

    /** Columns of several rows of x that are multiplied with some weight rows, then the next: whole sixteens of groups. */
    private static final int STRETCH_COLUMNS = 1024;

    /** Sums of 16 lanes that wait for the next stretch; with the stretch they fit into the first-level cache. */
    private static final int CARRIED_SUMS = 256;

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private static final int TYPES = DType.values().length;

    private static final System.Logger LOG = System.getLogger(EmittedNibbles.class.getName());

    private final EmittedKernels kernels;
    private final Worker[] workers;
    /** By form and type of scales: kernels that were asked for. Changed by the engine thread while no worker works. */
    private final @Nullable Made[] made = new Made[CodeForm.values().length * TYPES];
    /** By form: those that code x. */
    private final @Nullable ProductKernels[] coders = new ProductKernels[CodeForm.values().length];

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

    /** Kernels of a form and a type of scales; none when they could not be made or computed something else. */
    private record Made(@Nullable ProductKernels kernels) {}

    @Override
    public boolean serve(CodeForm form, DType scales) {
        if (!ProductKernels.scaleTypes(form).contains(scales)) {
            return false;
        }
        Made known = made[place(form, scales)];
        if (known != null) {
            return known.kernels() != null;
        }
        try {
            ProductKernels emitted = kernels.products(form, scales);
            made[place(form, scales)] = new Made(emitted);
            coders[form.ordinal()] = emitted;
            if (KernelCheck.agrees(this, form, scales, new Random(1))) {
                return true;
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "CPU: the emitted {0} kernels for {1} with {2} scales differ from the Vector API''s; they are switched off",
                    description(),
                    form,
                    scales);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.INFO, "CPU: no emitted kernels for {0}: {1}", form, e.getMessage());
        }
        made[place(form, scales)] = new Made(null);
        coders[form.ordinal()] = null;
        return false;
    }

    private static int place(CodeForm form, DType scales) {
        return form.ordinal() * TYPES + scales.ordinal();
    }

    private ProductKernels kernels(CodeForm form, DType scales) {
        Made known = made[place(form, scales)];
        if (known == null || known.kernels() == null) {
            throw new IllegalStateException("no kernels for " + form + " with scales of " + scales);
        }
        return known.kernels();
    }

    /** What one thread calls with. */
    private static final class Worker {
        private final Arena arena = Arena.ofAuto();
        private final Arguments arguments = new Arguments(arena);
        private final MemorySegment out = arena.allocate(4L * OUT_FLOATS, 64);
        private final MemorySegment carried = arena.allocate(64L * CARRIED_SUMS, 64);
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
    public void code(Activations into, int row, int firstBlock, int blocks, float[] x, int at, int worker) {
        ProductKernels coder = coders[into.form().ordinal()];
        if (coder == null) {
            NibbleKernels.super.code(into, row, firstBlock, blocks, x, at, worker);
            return;
        }
        Worker mine = workers[worker];
        int most = OUT_FLOATS / Activations.BLOCK;
        int groups = into.form().blockGroups();
        for (int done = 0; done < blocks; done += most) {
            int count = Math.min(most, blocks - done);
            int block = firstBlock + done;
            MemorySegment.copy(
                    x, at + done * Activations.BLOCK, mine.out, ValueLayout.JAVA_FLOAT, 0, count * Activations.BLOCK);
            mine.arguments.setCoding(
                    mine.out.address(),
                    into.codes(row, block),
                    into.scales(row) + 4L * groups * block,
                    into.sums(row) + 4L * groups * block,
                    into.starts(row) + 4L * groups * block,
                    count,
                    firstStep(into.form(), block));
            coder.code(mine.arguments);
        }
    }

    /** From the first block's codes to the next one's. */
    private static int firstStep(CodeForm form, int block) {
        return form.isInOrder() ? Activations.BLOCK : block % 2 == 0 ? 32 : 96;
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
        ProductKernels product = kernels(x.form(), CodeForm.scaleType(weight.format()));
        int row = from;
        if (tokens >= TILES_FROM_TOKENS && !x.ofFewPositions() && product.hasTiles()) {
            while (to - row >= ProductKernels.TILE_ROWS) {
                int blocks = Math.min(product.tileBlocks(), (to - row) / ProductKernels.TILE_ROWS);
                tiles(mine, product, weight, row, blocks, x, firstToken, tokenStep, tokens, y, yAt, yStride);
                row += blocks * ProductKernels.TILE_ROWS;
            }
        }
        for (int done = 0; done < tokens && row < to; done += ProductKernels.ROW_TOKENS) {
            int count = Math.min(ProductKernels.ROW_TOKENS, tokens - done);
            int first = firstToken + done * tokenStep;
            rows(mine, product, weight, row, to, x, first, tokenStep, count, y, yAt + done * yStride, yStride);
        }
    }

    private void rows(
            Worker mine,
            ProductKernels product,
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
        boolean stretched = product.takesStretches(tokens, x.columns()) && x.columns() > STRETCH_COLUMNS;
        int most = (stretched ? CARRIED_SUMS : OUT_FLOATS) / tokens;
        for (int row = from; row < to; row += most) {
            int count = Math.min(most, to - row);
            if (stretched) {
                stretches(mine, product, weight, row, count, x, firstToken, tokenStep, tokens);
            } else {
                setWeight(mine.arguments, weight, x, row, 0, x.columns(), count);
                setTokens(mine.arguments, x, firstToken, 0, tokenStep, tokens);
                mine.arguments.setOut(mine.out.address(), 4L * count);
                mine.arguments.setCarried(0, 0);
                mine.arguments.setAhead(product.valuesAhead(), product.scalesAhead());
                product.rows(tokens, mine.arguments);
            }
            for (int t = 0; t < tokens; t++) {
                MemorySegment.copy(mine.out, ValueLayout.JAVA_FLOAT, 4L * t * count, y, yAt + t * yStride + row, count);
            }
        }
    }

    /**
     * Some weight rows, their columns by stretches: a stretch of x stays in the first-level cache for all these rows, which
     * several whole rows of x would not. Each result adds up in the same order as without.
     */
    private static void stretches(
            Worker mine,
            ProductKernels product,
            Weight weight,
            int row,
            int count,
            Activations x,
            int firstToken,
            int tokenStep,
            int tokens) {
        int columns = x.columns();
        for (int column = 0; column < columns; column += STRETCH_COLUMNS) {
            int width = Math.min(STRETCH_COLUMNS, columns - column);
            boolean isLast = column + width == columns;
            setWeight(mine.arguments, weight, x, row, column, width, count);
            setTokens(mine.arguments, x, firstToken, column, tokenStep, tokens);
            mine.arguments.setOut(mine.out.address(), 4L * count);
            long carried = mine.carried.address();
            mine.arguments.setCarried(column == 0 ? 0 : carried, isLast ? 0 : carried);
            // Read next are the same rows' further columns, and after the last ones the first of the rows behind.
            int nextRow = isLast ? count : 0;
            int next = isLast ? -column : STRETCH_COLUMNS;
            mine.arguments.setAhead(
                    valuesAt(weight, nextRow, next, x.form()),
                    scalesAt(weight.scales(), weight, nextRow, next, x.form()));
            product.rows(tokens, mine.arguments);
        }
    }

    private void tiles(
            Worker mine,
            ProductKernels product,
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
        long blockBytes = (long) x.groups() * product.tileGroupBytes();
        MemorySegment tiles = mine.tiles(product.tileBlocks() * blockBytes);
        for (int block = 0; block < blocks; block++) {
            int first = row + block * ProductKernels.TILE_ROWS;
            setWeight(mine.arguments, weight, x, first, 0, x.columns(), ProductKernels.TILE_ROWS);
            mine.arguments.setTiles(tiles.address() + block * blockBytes, blockBytes);
            product.transpose(mine.arguments);
        }
        mine.arguments.setTiles(tiles.address(), blockBytes);
        int width = blocks * ProductKernels.TILE_ROWS;
        int each = product.tileTokens();
        int whole = MOST_TILE_TOKENS / each * each;
        int done = 0;
        while (done < tokens) {
            int left = tokens - done;
            int count = left >= each ? Math.min(whole, left / each * each) : left;
            setTokens(mine.arguments, x, firstToken + done * tokenStep, 0, tokenStep, count);
            mine.arguments.setOut(mine.out.address(), 0);
            product.tiles(blocks, Math.min(each, count), mine.arguments);
            for (int t = 0; t < count; t++) {
                copy(mine.out, t * width, y, yAt + (done + t) * yStride + row, width);
            }
            done += count;
        }
    }

    /** A few dozens of floats, a whole number of registers: faster than asking for a copy of any length. */
    private static void copy(MemorySegment from, int fromFloat, float[] to, int at, int count) {
        for (int i = 0; i < count; i += FLOATS.length()) {
            FloatVector.fromMemorySegment(FLOATS, from, (long) Float.BYTES * (fromFloat + i), ByteOrder.nativeOrder())
                    .intoArray(to, at + i);
        }
    }

    /** Some rows of a weight, and of each some columns. */
    private static void setWeight(
            Arguments arguments, Weight weight, Activations x, int row, int column, int columns, int rows) {
        arguments.setWeight(
                weight.values().bytes().address() + valuesAt(weight, row, column, x.form()),
                weight.values().rowBytes(),
                weight.scales().bytes().address() + scalesAt(weight.scales(), weight, row, column, x.form()),
                weight.scales().rowBytes(),
                weight.biases().bytes().address() + scalesAt(weight.biases(), weight, row, column, x.form()),
                weight.biases().rowBytes());
        arguments.setSize(rows, columns / Activations.BLOCK, columns / x.form().groupSize());
    }

    private static long valuesAt(Weight weight, int row, int column, CodeForm form) {
        return row * weight.values().rowBytes() + (long) column / Activations.BLOCK * form.blockBytes();
    }

    /** Of scales, and of biases, which are of the same type. */
    private static long scalesAt(Weight.Plane plane, Weight weight, int row, int column, CodeForm form) {
        int sizeBytes = CodeForm.scaleType(weight.format()).sizeBytes();
        return row * plane.rowBytes() + (long) column / form.groupSize() * sizeBytes;
    }

    private static void setTokens(Arguments arguments, Activations x, int first, int column, int step, int count) {
        long stride = (long) x.rowBytes() * step;
        long groupsAt = 4L * (column / x.form().groupSize());
        arguments.setActivations(
                x.codes(first) + column,
                x.scales(first) + groupsAt,
                x.sums(first) + groupsAt,
                x.starts(first) + groupsAt,
                stride,
                count);
    }
}
