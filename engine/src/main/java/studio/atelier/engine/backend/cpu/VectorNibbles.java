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
 * <p>A 16-bit lane {@code w} of a weight row holds the codes {@code w0 w1 w2 w3} of four columns. With {@code x0} and
 * {@code x2} the codes of x of two of them, {@code v = x2 - 256 x0} and {@code m = w & 0x0F0F = w0 + 256 w2}:
 *
 * <pre>{@code w2 v + x0 m = w2 x2 + w0 x0}</pre>
 *
 * whatever leaves the lane at its top, because the result fits into it: four products are at most
 * {@code 4 · 15 · 127 < 2^15}. So x takes one byte for a column, as {@code v}: with 16-bit numbers those of 14,336 columns
 * fill so much of the first-level cache that weights come from memory at half the speed. {@code v} is laid out once per
 * call, and {@code x0} is {@code -((v + 128) >> 8)}.
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
    /** Lanes of a weight row that a group of codes takes. */
    private static final int WORDS = 16;

    private static final boolean BY_PAIRS = ShortVector.SPECIES_PREFERRED.length() == 32;
    private static final VectorMask<Float> SECOND_GROUP = VectorMask.fromLong(FloatVector.SPECIES_512, 0xFF00);
    private static final int GROUP_BYTES = 32;
    /** Lanes of x of a group: a pair of groups has the even columns of both, then the odd ones of both. */
    private static final int GROUP_LANES = 2 * WORDS;

    private static final int ODD = 2 * WORDS;

    /** Every second code of a lane. */
    private static final short TWO_CODES = 0x0F0F;

    private static final float MIDDLE = CodeForm.NIBBLES.middle();

    /** Lanes that a row's biases and products are left in. */
    private static final int PARTS = 16;

    private static final int BLOCK_ROWS = 32;

    /** All memory: weights' planes were measured when they were opened, and a check for each load costs more than it. */
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Where no address is: a number without these bits needs no check either, and loops stay simple. */
    private static final long NO_ADDRESS = 3L << 62;

    private final Worker[] workers;

    VectorNibbles(int workers) {
        this.workers = new Worker[workers];
        Arrays.setAll(this.workers, _ -> new Worker());
    }

    /** One row of x, laid out for the loops, and what they leave of some rows of a weight. */
    private static final class Worker {
        private final float[] parts = new float[BLOCK_ROWS * PARTS];
        /** What the class comment calls v. */
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
            int groups = x.groups();
            int words = Math.ceilDiv(groups, 2) * Activations.BLOCK;
            int lanes = lanes(groups);
            if (codes.length < words) {
                codes = new short[words];
                scales = new float[lanes];
                sums = new float[lanes];
                starts = new float[lanes];
                factors = new float[lanes];
            }
            for (int i = 0; i < words; i += SHORTS.length()) {
                ShortVector two = ShortVector.fromMemorySegment(
                        SHORTS, MEMORY, place(x.codes(token) + 2L * i), ByteOrder.LITTLE_ENDIAN);
                two.lanewise(VectorOperators.ASHR, 8)
                        .sub(two.lanewise(VectorOperators.LSHL, 8))
                        .intoArray(codes, i);
            }
            for (int lane = 0; lane < lanes; lane++) {
                int group = groupAt(lane, groups);
                boolean again = group < lane / FLOATS.length() * FLOATS.length();
                scales[lane] = x.scale(token, group);
                sums[lane] = again ? 0 : x.sum(token, group);
                starts[lane] = again ? 0 : x.start(token, group);
            }
        }
    }

    /** Lanes of the vectors of a row's groups. The last vector ends with the last group: some are there a second time. */
    private static int lanes(int groups) {
        return groups < FLOATS.length() ? groups : Math.ceilDiv(groups, FLOATS.length()) * FLOATS.length();
    }

    /** The group of a lane. */
    private static int groupAt(int lane, int groups) {
        int first = lane / FLOATS.length() * FLOATS.length();
        return Math.max(0, Math.min(first, groups - FLOATS.length())) + lane % FLOATS.length();
    }

    private static long place(long address) {
        return address & ~NO_ADDRESS;
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
            if (type == DType.BF16 && groups >= FLOATS.length()) {
                factors(scaleAt, biasAt, groups, mine, i * PARTS);
            } else {
                factors(type, scaleAt, biasAt, groups, mine, i * PARTS);
            }
            if (paired > 0) {
                pairs(at, paired, mine.codes, mine.factors, mine.parts, i * PARTS);
            }
            if (paired < groups) {
                singles(at, paired, groups, mine.codes, mine.factors, mine.parts, i * PARTS);
            }
        }
    }

    /** Scales times those of x, and what is added beside the products; a bfloat16 is the upper half of a float. */
    private static void factors(long scaleAt, long biasAt, int groups, Worker mine, int partsAt) {
        FloatVector biased = FloatVector.zero(FLOATS);
        for (int lane = 0; lane < groups; lane += FLOATS.length()) {
            int group = Math.min(lane, groups - FLOATS.length());
            IntVector scale = (IntVector)
                    ShortVector.fromMemorySegment(NUMBERS, MEMORY, place(scaleAt + 2L * group), ByteOrder.LITTLE_ENDIAN)
                            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
            FloatVector scales = scale.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector factors = scales.mul(FloatVector.fromArray(FLOATS, mine.scales, lane));
            factors.intoArray(mine.factors, group);
            IntVector bias = (IntVector)
                    ShortVector.fromMemorySegment(NUMBERS, MEMORY, place(biasAt + 2L * group), ByteOrder.LITTLE_ENDIAN)
                            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
            FloatVector middles = scales.fma(
                    FloatVector.broadcast(FLOATS, MIDDLE),
                    bias.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
            FloatVector started = factors.mul(FloatVector.fromArray(FLOATS, mine.starts, lane));
            biased = biased.add(middles.fma(FloatVector.fromArray(FLOATS, mine.sums, lane), started));
        }
        biased.intoArray(mine.parts, partsAt);
    }

    /** The same for few groups, and for other types. */
    private static void factors(DType type, long scaleAt, long biasAt, int groups, Worker mine, int partsAt) {
        for (int lane = 0; lane < lanes(groups); lane++) {
            int group = groupAt(lane, groups);
            long place = (long) type.sizeBytes() * group;
            float scale = number(type, scaleAt + place);
            mine.factors[group] = scale * mine.scales[lane];
            mine.parts[partsAt + lane % FLOATS.length()] += (number(type, biasAt + place) + MIDDLE * scale)
                            * mine.sums[lane]
                    + mine.factors[group] * mine.starts[lane];
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

    /** Two groups at a time with 512-bit vectors; the codes of x of such a pair lie side by side. */
    private static void pairs(long at, int groups, short[] codes, float[] factors, float[] parts, int partsAt) {
        FloatVector sum = FloatVector.fromArray(FloatVector.SPECIES_512, parts, partsAt);
        for (int group = 0; group < groups; group += 2) {
            ShortVector even = ShortVector.fromArray(ShortVector.SPECIES_512, codes, group * GROUP_LANES);
            ShortVector odd = ShortVector.fromArray(ShortVector.SPECIES_512, codes, group * GROUP_LANES + ODD);
            ShortVector w = ShortVector.fromMemorySegment(
                    ShortVector.SPECIES_512, MEMORY, place(at + (long) group * GROUP_BYTES), ByteOrder.LITTLE_ENDIAN);
            ShortVector w02 = w.and(TWO_CODES);
            ShortVector w13 = w.lanewise(VectorOperators.LSHR, 4).and(TWO_CODES);
            ShortVector first = w02.lanewise(VectorOperators.LSHR, 8)
                    .mul(even)
                    .sub(even.add((short) 128).lanewise(VectorOperators.ASHR, 8).mul(w02));
            ShortVector second = w13.lanewise(VectorOperators.LSHR, 8)
                    .mul(odd)
                    .sub(odd.add((short) 128).lanewise(VectorOperators.ASHR, 8).mul(w13));
            IntVector two = first.add(second).reinterpretAsInts();
            IntVector whole = two.lanewise(VectorOperators.LSHL, 16).add(two).lanewise(VectorOperators.ASHR, 16);
            FloatVector products = (FloatVector) whole.convertShape(VectorOperators.I2F, FloatVector.SPECIES_512, 0);
            FloatVector factor = FloatVector.broadcast(FloatVector.SPECIES_512, factors[group])
                    .blend(FloatVector.broadcast(FloatVector.SPECIES_512, factors[group + 1]), SECOND_GROUP);
            sum = products.fma(factor, sum);
        }
        sum.intoArray(parts, partsAt);
    }

    /** One group at a time: all of them with shorter vectors, else an odd one at the end. */
    private static void singles(
            long at, int firstGroup, int groups, short[] codes, float[] factors, float[] parts, int partsAt) {
        FloatVector sum = FloatVector.fromArray(FLOATS, parts, partsAt);
        for (int group = firstGroup; group < groups; group++) {
            for (int part = 0; part < WORDS; part += SHORTS.length()) {
                int q = group / 2 * 2 * GROUP_LANES + group % 2 * WORDS + part;
                ShortVector even = ShortVector.fromArray(SHORTS, codes, q);
                ShortVector odd = ShortVector.fromArray(SHORTS, codes, q + ODD);
                ShortVector w = ShortVector.fromMemorySegment(
                        SHORTS, MEMORY, place(at + (long) group * GROUP_BYTES + 2 * part), ByteOrder.LITTLE_ENDIAN);
                ShortVector w02 = w.and(TWO_CODES);
                ShortVector w13 = w.lanewise(VectorOperators.LSHR, 4).and(TWO_CODES);
                ShortVector first = w02.lanewise(VectorOperators.LSHR, 8)
                        .mul(even)
                        .sub(even.add((short) 128)
                                .lanewise(VectorOperators.ASHR, 8)
                                .mul(w02));
                ShortVector second = w13.lanewise(VectorOperators.LSHR, 8)
                        .mul(odd)
                        .sub(odd.add((short) 128)
                                .lanewise(VectorOperators.ASHR, 8)
                                .mul(w13));
                IntVector two = first.add(second).reinterpretAsInts();
                IntVector whole =
                        two.lanewise(VectorOperators.LSHL, 16).add(two).lanewise(VectorOperators.ASHR, 16);
                FloatVector products = (FloatVector) whole.convertShape(VectorOperators.I2F, FLOATS, 0);
                sum = products.fma(FloatVector.broadcast(FLOATS, factors[group]), sum);
            }
        }
        sum.intoArray(parts, partsAt);
    }
}
