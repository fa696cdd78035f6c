package studio.atelier.engine.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;

/**
 * The same whole-number sums as the emitted kernels with the Vector API, for other processors: of 4-bit weights in
 * groups of 64, by the formula of {@link CodeForm}.
 *
 * <p>A 16-bit lane of a weight row holds four codes; each is masked out and multiplied with the code of x that stands at
 * the same place, and the four products fit into the lane: {@code 4 · 15 · 127 < 2^15}. The codes of x are laid out for
 * that once per call.
 */
final class VectorNibbles implements NibbleKernels {
    private static final VectorSpecies<Short> SHORTS =
            ShortVector.SPECIES_PREFERRED.length() >= 16 ? ShortVector.SPECIES_256 : ShortVector.SPECIES_128;
    private static final VectorSpecies<Float> FLOATS =
            ShortVector.SPECIES_PREFERRED.length() >= 16 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
    private static final VectorSpecies<Short> NUMBERS =
            FLOATS.length() == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
    private static final VectorSpecies<Integer> INTS =
            FLOATS.length() == 8 ? IntVector.SPECIES_256 : IntVector.SPECIES_128;
    private static final int WORDS = 16;
    private static final boolean BY_PAIRS = ShortVector.SPECIES_PREFERRED.length() == 32;
    private static final VectorMask<Float> SECOND_GROUP = VectorMask.fromLong(FloatVector.SPECIES_512, 0xFF00);
    private static final int GROUP_BYTES = 32;
    private static final float MIDDLE = CodeForm.NIBBLES.middle();

    /** Lanes that a row's products, and behind them its biases, are left in. */
    private static final int PARTS = 24;

    private static final int BIASES_AT = 16;
    private static final int BLOCK_ROWS = 32;

    /** All memory: weights' planes were measured when they were opened, and a check for each load costs more than it. */
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final Worker[] workers;

    VectorNibbles(int workers) {
        this.workers = new Worker[workers];
        Arrays.setAll(this.workers, _ -> new Worker());
    }

    /** One row of x, laid out for the loops, and what they leave of some rows of a weight. */
    private static final class Worker {
        private final float[] parts = new float[BLOCK_ROWS * PARTS];
        private short[] codes = {};
        private float[] scales = {};
        private float[] sums = {};
        private float[] starts = {};
        private float[] factors = {};
        private @Nullable Activations laidOut;
        private long laidOutShaping;
        private int laidOutToken;

        /** Chunks of one product's rows follow each other: what is there already is not laid out again. */
        private void layOut(Activations x, int token) {
            if (laidOut == x && laidOutShaping == x.shapings() && laidOutToken == token) {
                return;
            }
            laidOut = x;
            laidOutShaping = x.shapings();
            laidOutToken = token;
            if (codes.length < x.columns()) {
                codes = new short[x.columns()];
                scales = new float[x.groups()];
                sums = new float[x.groups()];
                starts = new float[x.groups()];
                factors = new float[x.groups()];
            }
            for (int group = 0; group < x.groups(); group++) {
                scales[group] = x.scale(token, group);
                sums[group] = x.sum(token, group);
                starts[group] = x.start(token, group);
                boolean pair = BY_PAIRS && (group | 1) < x.groups();
                int start = pair ? group / 2 * 2 * Activations.BLOCK + group % 2 * WORDS : group * Activations.BLOCK;
                spread(x.codes(token, group), codes, start, pair ? 2 * WORDS : WORDS);
            }
        }
    }

    /** First the columns 0 4 8 .., then 1 5 9 .., 2 6 10 .. and 3 7 11 .., of a group or of a pair. */
    private static void spread(long at, short[] to, int start, int step) {
        for (int part = 0; part < WORDS; part += SHORTS.length()) {
            ShortVector even = ShortVector.fromMemorySegment(SHORTS, MEMORY, at + 2 * part, ByteOrder.LITTLE_ENDIAN);
            ShortVector odd =
                    ShortVector.fromMemorySegment(SHORTS, MEMORY, at + 64 + 2 * part, ByteOrder.LITTLE_ENDIAN);
            even.lanewise(VectorOperators.LSHL, 8)
                    .lanewise(VectorOperators.ASHR, 8)
                    .intoArray(to, start + part);
            odd.lanewise(VectorOperators.LSHL, 8)
                    .lanewise(VectorOperators.ASHR, 8)
                    .intoArray(to, start + step + part);
            even.lanewise(VectorOperators.ASHR, 8).intoArray(to, start + 2 * step + part);
            odd.lanewise(VectorOperators.ASHR, 8).intoArray(to, start + 3 * step + part);
        }
    }

    @Override
    public String description() {
        return "Vector API, " + (BY_PAIRS ? 512 : SHORTS.vectorBitSize()) + " bits";
    }

    @Override
    public boolean serve(CodeForm form, DType scales) {
        return form == CodeForm.NIBBLES;
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
        DType type = ((QuantFormat.Affine) weight.format()).scaleType();
        for (int t = 0; t < tokens; t++) {
            mine.layOut(x, firstToken + t * tokenStep);
            for (int row = from; row < to; row += BLOCK_ROWS) {
                int count = Math.min(BLOCK_ROWS, to - row);
                rows(weight, type, row, count, x.groups(), mine);
                sum(mine.parts, count, y, yAt + t * yStride + row);
            }
        }
    }

    private static void rows(Weight weight, DType type, int first, int count, int groups, Worker mine) {
        long values = weight.values().bytes().address();
        long scales = weight.scales().bytes().address();
        long biases = weight.biases().bytes().address();
        int paired = BY_PAIRS ? groups / 2 * 2 : 0;
        Arrays.fill(mine.parts, 0);
        for (int i = 0; i < count; i++) {
            long row = first + i;
            long at = values + row * weight.values().rowBytes();
            long scaleAt = scales + row * weight.scales().rowBytes();
            long biasAt = biases + row * weight.biases().rowBytes();
            int whole = type == DType.BF16 ? groups / FLOATS.length() * FLOATS.length() : 0;
            if (whole > 0) {
                factors(scaleAt, biasAt, whole, mine, i * PARTS + BIASES_AT);
            }
            for (int group = whole; group < groups; group++) {
                long place = (long) type.sizeBytes() * group;
                float scale = number(type, scaleAt + place);
                mine.factors[group] = scale * mine.scales[group];
                mine.parts[i * PARTS + BIASES_AT + group % FLOATS.length()] += (number(type, biasAt + place)
                                        + MIDDLE * scale)
                                * mine.sums[group]
                        + mine.factors[group] * mine.starts[group];
            }
            if (paired > 0) {
                pairs(at, paired, mine.codes, mine.factors, mine.parts, i * PARTS);
            }
            if (paired < groups) {
                singles(at, paired, groups, mine.codes, mine.factors, mine.parts, i * PARTS);
            }
        }
    }

    private static float number(DType type, long at) {
        return type == DType.BF16
                ? Float.intBitsToFloat(MEMORY.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) << 16)
                : RowDecoder.number(MEMORY, type, at);
    }

    /** Always in the same order, however warm the program is. */
    private static void sum(float[] parts, int count, float[] y, int yAt) {
        for (int i = 0; i < count; i++) {
            int at = i * PARTS;
            float a = 0;
            float b = 0;
            float c = 0;
            float d = 0;
            for (int lane = 0; lane < PARTS; lane += 4) {
                a += parts[at + lane];
                b += parts[at + lane + 1];
                c += parts[at + lane + 2];
                d += parts[at + lane + 3];
            }
            y[yAt + i] = (a + b) + (c + d);
        }
    }

    /** Scales times those of x, and what is added beside the products; a bfloat16 is the upper half of a float. */
    private static void factors(long scaleAt, long biasAt, int groups, Worker mine, int partsAt) {
        FloatVector biased = FloatVector.zero(FLOATS);
        for (int group = 0; group < groups; group += FLOATS.length()) {
            IntVector scale = (IntVector)
                    ShortVector.fromMemorySegment(NUMBERS, MEMORY, scaleAt + 2L * group, ByteOrder.LITTLE_ENDIAN)
                            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
            FloatVector scales = scale.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector factors = scales.mul(FloatVector.fromArray(FLOATS, mine.scales, group));
            factors.intoArray(mine.factors, group);
            IntVector bias = (IntVector)
                    ShortVector.fromMemorySegment(NUMBERS, MEMORY, biasAt + 2L * group, ByteOrder.LITTLE_ENDIAN)
                            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
            biased = scales.fma(
                            FloatVector.broadcast(FLOATS, MIDDLE),
                            bias.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats())
                    .fma(FloatVector.fromArray(FLOATS, mine.sums, group), biased);
            biased = factors.fma(FloatVector.fromArray(FLOATS, mine.starts, group), biased);
        }
        biased.intoArray(mine.parts, partsAt);
    }

    /** Two groups at a time with 512-bit vectors; the codes of x of such a pair lie side by side. */
    private static void pairs(long at, int groups, short[] codes, float[] factors, float[] parts, int partsAt) {
        FloatVector sum = FloatVector.zero(FloatVector.SPECIES_512);
        for (int group = 0; group < groups; group += 2) {
            int q = group * Activations.BLOCK;
            ShortVector w = ShortVector.fromMemorySegment(
                    ShortVector.SPECIES_512, MEMORY, at + (long) group * GROUP_BYTES, ByteOrder.LITTLE_ENDIAN);
            ShortVector first = w.and((short) 15).mul(ShortVector.fromArray(ShortVector.SPECIES_512, codes, q));
            ShortVector second = w.lanewise(VectorOperators.LSHR, 4)
                    .and((short) 15)
                    .mul(ShortVector.fromArray(ShortVector.SPECIES_512, codes, q + 2 * WORDS));
            first = first.add(w.lanewise(VectorOperators.LSHR, 8)
                    .and((short) 15)
                    .mul(ShortVector.fromArray(ShortVector.SPECIES_512, codes, q + 4 * WORDS)));
            second = second.add(w.lanewise(VectorOperators.LSHR, 12)
                    .mul(ShortVector.fromArray(ShortVector.SPECIES_512, codes, q + 6 * WORDS)));
            IntVector two = first.add(second).reinterpretAsInts();
            IntVector whole = two.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 16)
                    .add(two.lanewise(VectorOperators.ASHR, 16));
            FloatVector products = (FloatVector) whole.convertShape(VectorOperators.I2F, FloatVector.SPECIES_512, 0);
            FloatVector factor = FloatVector.broadcast(FloatVector.SPECIES_512, factors[group])
                    .blend(FloatVector.broadcast(FloatVector.SPECIES_512, factors[group + 1]), SECOND_GROUP);
            sum = products.fma(factor, sum);
        }
        sum.intoArray(parts, partsAt);
    }

    private static void singles(
            long at, int firstGroup, int groups, short[] codes, float[] factors, float[] parts, int partsAt) {
        FloatVector sum = FloatVector.fromArray(FLOATS, parts, partsAt);
        for (int group = firstGroup; group < groups; group++) {
            for (int part = 0; part < WORDS; part += SHORTS.length()) {
                int q = group * Activations.BLOCK + part;
                ShortVector w = ShortVector.fromMemorySegment(
                        SHORTS, MEMORY, at + (long) group * GROUP_BYTES + 2 * part, ByteOrder.LITTLE_ENDIAN);
                ShortVector first = w.and((short) 15).mul(ShortVector.fromArray(SHORTS, codes, q));
                ShortVector second = w.lanewise(VectorOperators.LSHR, 4)
                        .and((short) 15)
                        .mul(ShortVector.fromArray(SHORTS, codes, q + WORDS));
                first = first.add(w.lanewise(VectorOperators.LSHR, 8)
                        .and((short) 15)
                        .mul(ShortVector.fromArray(SHORTS, codes, q + 2 * WORDS)));
                second = second.add(
                        w.lanewise(VectorOperators.LSHR, 12).mul(ShortVector.fromArray(SHORTS, codes, q + 3 * WORDS)));
                IntVector pairs = first.add(second).reinterpretAsInts();
                IntVector whole = pairs.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 16)
                        .add(pairs.lanewise(VectorOperators.ASHR, 16));
                FloatVector products = (FloatVector) whole.convertShape(VectorOperators.I2F, FLOATS, 0);
                sum = products.fma(FloatVector.broadcast(FLOATS, factors[group]), sum);
            }
        }
        sum.intoArray(parts, partsAt);
    }
}
