package studio.atelier.engine.backend.cpu;

import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.ProductKernels;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * The fast way for weights of 4 and 8 bits: codes x once for all threads, shares the weight's rows out, and remembers the codes
 * while the same x is multiplied with further weights (queries, keys and values; gate and up). Belongs to the engine
 * thread.
 */
final class NibbleProducts {
    /** So many positions, one of each of several texts or a token with guesses, compute exactly what each would alone. */
    static final int FEW_POSITIONS = 8;

    /** Weights that a thread works on before it asks for more: short enough that no thread waits long for the last. */
    private static final int CHUNK_BYTES = 64 << 10;

    /** The same where there are many such chunks for each thread: longer stretches of memory are read faster. */
    private static final int LONG_CHUNK_BYTES = 256 << 10;

    private static final int CHUNKS_PER_THREAD = 16;

    /** Floats that a thread codes before it asks for more. */
    private static final int CODED_FLOATS = 16_384;

    private static final System.Logger LOG = System.getLogger(NibbleProducts.class.getName());

    private final NibbleKernels kernels;
    private final String reason;
    private final CpuThreads threads;
    private final Activations activations = new Activations();
    private final Rows rows = new Rows();
    private final Heads heads = new Heads();
    private final Coding coding = new Coding();
    private final Map<WeightStack, Boolean> knownStacks = new IdentityHashMap<>();
    private float @Nullable [] coded;
    private int codedRows;

    private NibbleProducts(NibbleKernels kernels, String reason, CpuThreads threads) {
        this.kernels = kernels;
        this.reason = reason;
        this.threads = threads;
    }

    /** Emitted kernels where this machine can run them and they compute what the Vector API does. */
    static NibbleProducts of(CpuThreads threads) {
        VectorNibbles vector = new VectorNibbles(threads.size());
        try {
            EmittedKernels emitted = EmittedKernels.ofThisMachine();
            EmittedNibbles nibbles = new EmittedNibbles(emitted, threads.size());
            if (nibbles.serve(CodeForm.NIBBLES, DType.BF16)) {
                return new NibbleProducts(nibbles, "", threads);
            }
            String reason = "the emitted " + emitted.set().label() + " kernels differ from the Vector API's";
            return new NibbleProducts(vector, reason, threads);
        } catch (IOException | LinkageError | UnsupportedOperationException e) {
            String reason = String.valueOf(e.getMessage());
            LOG.log(System.Logger.Level.INFO, "CPU: no emitted kernels: {0}", reason);
            return new NibbleProducts(vector, reason, threads);
        }
    }

    /** With the Vector API alone, for comparing. */
    static NibbleProducts vectorized(CpuThreads threads) {
        return new NibbleProducts(new VectorNibbles(threads.size()), "not asked for", threads);
    }

    NibbleKernels kernels() {
        return kernels;
    }

    /** The emitted kernels, when they are used. */
    Optional<EmittedKernels> emitted() {
        return kernels instanceof EmittedNibbles nibbles ? Optional.of(nibbles.kernels()) : Optional.empty();
    }

    /** For people: what multiplies. */
    String description() {
        return kernels.description();
    }

    /** Why not the emitted kernels; empty when they are used. */
    String reason() {
        return reason;
    }

    /** Whether weights of a form go this way, whatever type their scales have. */
    boolean serves(CodeForm form) {
        return ProductKernels.scaleTypes(form).stream().allMatch(scales -> kernels.serve(form, scales));
    }

    /** Whether products with this weight go this way. */
    boolean take(Weight weight) {
        CodeForm form = NibbleKernels.formOf(weight);
        return form != null && kernels.serve(form, CodeForm.scaleType(weight.format()));
    }

    /** As {@link #take} for every matrix of a stack, and they have one form; looked at once for each stack. */
    boolean takeAll(WeightStack weights) {
        Boolean known = knownStacks.get(weights);
        if (known == null) {
            known = weights.each().stream().allMatch(each -> take(each) && form(each) == form(weights.get(0)));
            knownStacks.put(weights, known);
        }
        return known;
    }

    /** The form of a weight that is taken. */
    static CodeForm form(Weight weight) {
        CodeForm form = CodeForm.of(weight.format());
        if (form == null) {
            throw new IllegalArgumentException(
                    weight.name() + ": expected codes of 4 or 8 bits, got " + weight.format());
        }
        return form;
    }

    /** x changed, or its array may hold something else now. */
    void forget() {
        coded = null;
    }

    /** Rows of x as codes for weights of a form; the same object every time, valid until the next call. */
    Activations code(float[] x, int tokens, int columns, CodeForm form) {
        if (coded != x || codedRows != tokens || activations.columns() != columns || activations.form() != form) {
            activations.shape(tokens, columns, form);
            coding.x = x;
            threads.share(tokens, Math.max(1, CODED_FLOATS / columns), coding);
            coded = x;
            codedRows = tokens;
        }
        return activations;
    }

    /** {@code y = x Wᵀ} for all rows. */
    void multiply(Weight weight, float[] x, int tokens, float[] y) {
        code(x, tokens, weight.columns(), form(weight)).ofFewPositions(tokens <= FEW_POSITIONS);
        rows.weight = weight;
        rows.tokens = tokens;
        rows.y = y;
        threads.share(weight.rows(), chunkRows(weight, 1), rows);
    }

    /** Weight rows per chunk, a multiple of 32, where {@code count} such matrices are shared out. */
    int chunkRows(Weight weight, int count) {
        int rowBytes =
                Math.max(1, weight.columns() / CodeForm.BLOCK * form(weight).blockBytes());
        long bytes = (long) count * weight.rows() * rowBytes;
        long each = threads.size() == 1 ? LONG_CHUNK_BYTES : bytes / CHUNKS_PER_THREAD / threads.size();
        long chunk = Math.clamp(each, CHUNK_BYTES, LONG_CHUNK_BYTES);
        return (int) Math.max(32, chunk / rowBytes / 32 * 32);
    }

    /** Each head by its own matrix: x is {@code [tokens, heads, in]}, y is {@code [tokens, heads, out]}. */
    void multiplyEach(WeightStack weights, float[] x, int tokens, float[] y) {
        int count = weights.size();
        code(x, tokens * count, weights.columns(), form(weights.get(0))).ofFewPositions(tokens <= FEW_POSITIONS);
        heads.weights = weights;
        heads.tokens = tokens;
        heads.y = y;
        long productsEach = (long) tokens * weights.rows() * weights.columns();
        threads.share(count, productsEach, CpuThreads.EMITTED_PRODUCTS, heads);
    }

    private final class Heads implements CpuThreads.Chunk {
        private @Nullable WeightStack weights;
        private int tokens;
        private float[] y = {};

        @Override
        public void run(int from, int to, int worker) {
            WeightStack stack = weights;
            if (stack == null) {
                return;
            }
            int count = stack.size();
            int out = stack.rows();
            for (int h = from; h < to; h++) {
                kernels.multiply(stack.get(h), 0, out, activations, h, count, tokens, y, h * out, count * out, worker);
            }
        }
    }

    private final class Coding implements CpuThreads.Chunk {
        private float[] x = {};

        @Override
        public void run(int from, int to, int worker) {
            for (int i = from; i < to; i++) {
                kernels.code(activations, i, 0, activations.blocks(), x, i * activations.columns(), worker);
            }
        }
    }

    private final class Rows implements CpuThreads.Chunk {
        private @Nullable Weight weight;
        private int tokens;
        private float[] y = {};

        @Override
        public void run(int from, int to, int worker) {
            Weight w = weight;
            if (w != null) {
                kernels.multiply(w, from, to, activations, 0, 1, tokens, y, 0, w.rows(), worker);
            }
        }
    }
}
