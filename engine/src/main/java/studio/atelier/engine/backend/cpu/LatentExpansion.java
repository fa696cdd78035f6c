package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.tensor.Buffer;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Every head's keys and values of a stretch of cached latents, rounded to bfloat16: latents become 8-bit codes, once for
 * all heads, and the tile kernels for weights make keys and values of them. Belongs to the engine thread.
 */
final class LatentExpansion {
    /** Positions that one task expands for a head. */
    private static final int POSITIONS = 256;

    private static final int CODED_POSITIONS = 16;

    private final Kernels plain;
    private final NibbleProducts products;
    private final CpuThreads threads;
    private final Map<WeightStack, WeightStack> turned = new IdentityHashMap<>();
    private final float[][] scratch;
    private final Activations keyCodes = new Activations();
    private final Activations valueCodes = new Activations();
    private final Coding coding = new Coding();
    private final Expanding expanding = new Expanding();
    private MemorySegment keys = MemorySegment.NULL;
    private MemorySegment values = MemorySegment.NULL;
    private MemorySegment ropes = MemorySegment.NULL;
    private int stretch;

    LatentExpansion(Kernels plain, NibbleProducts products, CpuThreads threads) {
        this.plain = plain;
        this.products = products;
        this.threads = threads;
        this.scratch = new float[threads.size()][0];
    }

    /** Whether keys and values of these matrices can be made this way. */
    boolean takes(LatentUp up) {
        return products.takeAll(up.values())
                && (up.keysTransposed() ? canTurn(up.keys()) : products.takeAll(up.keys()));
    }

    private boolean canTurn(WeightStack stack) {
        return stack.rows() % CodeForm.BLOCK == 0 && products.kernels().serve(TurnedKeys.FORM, TurnedKeys.SCALES);
    }

    /** Makes room for stretches of at most this many positions. */
    void begin(LatentUp up, int positions) {
        stretch = positions;
        expanding.keyRows = up.keysTransposed()
                ? turned.computeIfAbsent(up.keys(), stack -> TurnedKeys.of(stack, plain, threads))
                : up.keys();
        expanding.valueRows = up.values();
        long elements = (long) up.values().size() * stretch;
        keys = grown(keys, Short.BYTES * elements * up.keySize());
        values = grown(values, Short.BYTES * elements * up.valueSize());
    }

    private static MemorySegment grown(MemorySegment segment, long sizeBytes) {
        return segment.byteSize() >= sizeBytes ? segment : Arena.ofAuto().allocate(sizeBytes, 64);
    }

    private float[] scratch(int worker, int floats) {
        if (scratch[worker].length < floats) {
            scratch[worker] = new float[floats];
        }
        return scratch[worker];
    }

    /** Expands the latents of {@code count} positions from {@code first} on. */
    void expand(Buffer latents, Buffer ropeKeys, int ropeSize, int first, int count) {
        WeightStack forKeys = expanding.keyRows;
        WeightStack forValues = expanding.valueRows;
        if (forKeys == null || forValues == null) {
            throw new IllegalStateException("latents are expanded after begin() was called");
        }
        CodeForm keyForm = NibbleProducts.form(forKeys.get(0));
        CodeForm valueForm = NibbleProducts.form(forValues.get(0));
        boolean oneForm = keyForm == valueForm;
        int rank = forValues.columns();
        keyCodes.shape(count, rank, keyForm);
        keyCodes.ofFewPositions(false);
        valueCodes.shape(oneForm ? 0 : count, rank, valueForm);
        valueCodes.ofFewPositions(false);
        if (ropeKeys instanceof EightBitBuffer) {
            ropes = grown(ropes, (long) Short.BYTES * count * ropeSize);
        }
        coding.latents = latents;
        coding.ropeKeys = ropeKeys;
        coding.ropeSize = ropeSize;
        coding.first = first;
        coding.oneForm = oneForm;
        threads.share(count, CODED_POSITIONS, coding);
        expanding.count = count;
        expanding.codesForValues = oneForm ? keyCodes : valueCodes;
        threads.share(2 * forKeys.size() * Math.ceilDiv(count, POSITIONS), 1, expanding);
    }

    /** Address of a head's first key, {@code [stretch, Dn]}. */
    long keys(int head, int keySize) {
        return keys.address() + (long) Short.BYTES * head * stretch * keySize;
    }

    /** Address of a head's first value, {@code [stretch, Dv]}. */
    long values(int head, int valueSize) {
        return values.address() + (long) Short.BYTES * head * stretch * valueSize;
    }

    /** Address of the stretch's first rotary key, {@code [stretch, Dr]}: in the cache where that is bfloat16. */
    long ropes() {
        return coding.ropeKeys instanceof HalfBuffer(MemorySegment halves)
                ? halves.address() + (long) Short.BYTES * coding.first * coding.ropeSize
                : ropes.address();
    }

    /** Latents as codes, once for keys and once for values if their weights differ in form. */
    private final class Coding implements CpuThreads.Chunk {
        private @Nullable Buffer latents;
        private @Nullable Buffer ropeKeys;
        private int ropeSize;
        private int first;
        private boolean oneForm;

        @Override
        public void run(int from, int to, int worker) {
            Buffer cache = latents;
            int rank = keyCodes.columns();
            float[] row = scratch(worker, rank);
            for (int t = from; t < to && cache != null; t++) {
                CacheRows.read(cache, rank, first + t, 1, 0, rank, row, 0, rank);
                products.kernels().code(keyCodes, t, 0, keyCodes.blocks(), row, 0, worker);
                if (!oneForm) {
                    products.kernels().code(valueCodes, t, 0, valueCodes.blocks(), row, 0, worker);
                }
                if (ropeKeys instanceof EightBitBuffer eight) {
                    eight.readHalves(first + t, 0, ropeSize, ropes, (long) Short.BYTES * t * ropeSize);
                }
            }
        }
    }

    /** Keys {@code [H, stretch, Dn]} and values {@code [H, stretch, Dv]} of the codes. */
    private final class Expanding implements CpuThreads.Chunk {
        private @Nullable WeightStack keyRows;
        private @Nullable WeightStack valueRows;
        private Activations codesForValues = valueCodes;
        private int count;

        @Override
        public void run(int from, int to, int worker) {
            WeightStack forKeys = keyRows;
            WeightStack forValues = valueRows;
            int blocks = Math.ceilDiv(count, POSITIONS);
            for (int item = from; item < to && forKeys != null && forValues != null; item++) {
                int first = item % blocks * POSITIONS;
                int head = item / blocks / 2;
                if (item / blocks % 2 == 0) {
                    expand(forKeys.get(head), keyCodes, keys, head, first, worker);
                } else {
                    expand(forValues.get(head), codesForValues, values, head, first, worker);
                }
            }
        }

        private void expand(Weight weight, Activations codes, MemorySegment to, int head, int first, int worker) {
            int size = weight.rows();
            int positions = Math.min(POSITIONS, count - first);
            float[] y = scratch(worker, POSITIONS * size);
            products.kernels().multiply(weight, 0, size, codes, first, 1, positions, y, 0, size, worker);
            CacheRows.narrow(y, 0, positions * size, to, ((long) head * stretch + first) * size);
        }
    }
}
