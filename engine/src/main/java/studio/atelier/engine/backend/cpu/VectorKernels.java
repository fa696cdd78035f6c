package studio.atelier.engine.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;

/**
 * The same loops with vector instructions.
 *
 * <p>A weight row is decoded once into a scratch row that stays in the first-level cache, then multiplied with all rows
 * of x, four at a time. Common formats are decoded with vectors too; the others by {@link RowDecoder}.
 */
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> EIGHT_INTS = IntVector.SPECIES_256;
    private static final VectorSpecies<Byte> EIGHT_BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Short> EIGHT_SHORTS = ShortVector.SPECIES_128;
    private static final IntVector NIBBLE_SHIFTS =
            IntVector.fromArray(EIGHT_INTS, new int[] {0, 4, 8, 12, 16, 20, 24, 28}, 0);

    private static final int NARROW_VECTORS = 4;

    @Override
    public String description() {
        return FLOATS.vectorBitSize() + "-bit vectors";
    }

    @Override
    public int scratchFloats(int columns, int rows) {
        return columns;
    }

    @Override
    public int narrowColumns() {
        return NARROW_VECTORS * FLOATS.length();
    }

    @Override
    public void multiply(
            Weight weight,
            int from,
            int to,
            float[] x,
            int xAt,
            int xStride,
            int rows,
            float[] y,
            int yAt,
            int yStride,
            float[] scratch) {
        int columns = weight.columns();
        for (int r = from; r < to; r++) {
            decodeRow(weight, r, scratch, 0);
            int i = 0;
            for (; i + 4 <= rows; i += 4) {
                fourDots(scratch, columns, x, xAt + i * xStride, xStride, y, yAt + i * yStride + r, yStride);
            }
            for (; i < rows; i++) {
                y[yAt + i * yStride + r] = dot(x, xAt + i * xStride, scratch, 0, columns);
            }
        }
    }

    private static void fourDots(
            float[] w, int count, float[] x, int xAt, int xStride, float[] y, int yAt, int yStride) {
        // Two sums a row, joined as in dot: what a row gives does not depend on how many stand beside it.
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        FloatVector odd0 = sum0;
        FloatVector odd1 = sum0;
        FloatVector odd2 = sum0;
        FloatVector odd3 = sum0;
        int lanes = FLOATS.length();
        int i = 0;
        for (; i + 2 * lanes <= count; i += 2 * lanes) {
            FloatVector even = FloatVector.fromArray(FLOATS, w, i);
            FloatVector odd = FloatVector.fromArray(FLOATS, w, i + lanes);
            sum0 = FloatVector.fromArray(FLOATS, x, xAt + i).fma(even, sum0);
            odd0 = FloatVector.fromArray(FLOATS, x, xAt + i + lanes).fma(odd, odd0);
            sum1 = FloatVector.fromArray(FLOATS, x, xAt + xStride + i).fma(even, sum1);
            odd1 = FloatVector.fromArray(FLOATS, x, xAt + xStride + i + lanes).fma(odd, odd1);
            sum2 = FloatVector.fromArray(FLOATS, x, xAt + 2 * xStride + i).fma(even, sum2);
            odd2 = FloatVector.fromArray(FLOATS, x, xAt + 2 * xStride + i + lanes)
                    .fma(odd, odd2);
            sum3 = FloatVector.fromArray(FLOATS, x, xAt + 3 * xStride + i).fma(even, sum3);
            odd3 = FloatVector.fromArray(FLOATS, x, xAt + 3 * xStride + i + lanes)
                    .fma(odd, odd3);
        }
        float s0 = LaneSum.of(sum0.add(odd0));
        float s1 = LaneSum.of(sum1.add(odd1));
        float s2 = LaneSum.of(sum2.add(odd2));
        float s3 = LaneSum.of(sum3.add(odd3));
        for (; i < count; i++) {
            s0 += x[xAt + i] * w[i];
            s1 += x[xAt + xStride + i] * w[i];
            s2 += x[xAt + 2 * xStride + i] * w[i];
            s3 += x[xAt + 3 * xStride + i] * w[i];
        }
        y[yAt] = s0;
        y[yAt + yStride] = s1;
        y[yAt + 2 * yStride] = s2;
        y[yAt + 3 * yStride] = s3;
    }

    @Override
    public float dot(float[] a, int aAt, float[] b, int bAt, int count) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        int lanes = FLOATS.length();
        int i = 0;
        for (; i + 2 * lanes <= count; i += 2 * lanes) {
            sum0 = FloatVector.fromArray(FLOATS, a, aAt + i).fma(FloatVector.fromArray(FLOATS, b, bAt + i), sum0);
            sum1 = FloatVector.fromArray(FLOATS, a, aAt + i + lanes)
                    .fma(FloatVector.fromArray(FLOATS, b, bAt + i + lanes), sum1);
        }
        float sum = LaneSum.of(sum0.add(sum1));
        for (; i < count; i++) {
            sum += a[aAt + i] * b[bAt + i];
        }
        return sum;
    }

    @Override
    public void addScaled(float factor, float[] x, int xAt, float[] y, int yAt, int count) {
        int bound = FLOATS.loopBound(count);
        int i = 0;
        for (; i < bound; i += FLOATS.length()) {
            FloatVector.fromArray(FLOATS, x, xAt + i)
                    .fma(FloatVector.broadcast(FLOATS, factor), FloatVector.fromArray(FLOATS, y, yAt + i))
                    .intoArray(y, yAt + i);
        }
        for (; i < count; i++) {
            y[yAt + i] += factor * x[xAt + i];
        }
    }

    @Override
    public void scores(
            float[] q,
            int qAt,
            int rows,
            float[] k,
            int kStride,
            int count,
            int size,
            float[] s,
            int sAt,
            int sStride) {
        VectorAttention.scores(this, q, qAt, rows, k, kStride, count, size, s, sAt, sStride);
    }

    @Override
    public void mix(
            float[] p,
            int pAt,
            int pStride,
            int rows,
            float[] v,
            int vAt,
            int vStride,
            int count,
            int size,
            float[] y,
            int yAt) {
        VectorAttention.mix(this, p, pAt, pStride, rows, v, vAt, vStride, count, size, y, yAt);
    }

    @Override
    public float largest(float[] x, int at, int count, float least) {
        FloatVector largest = FloatVector.broadcast(FLOATS, least);
        int i = at;
        int bound = at + FLOATS.loopBound(count);
        for (; i < bound; i += FLOATS.length()) {
            largest = largest.max(FloatVector.fromArray(FLOATS, x, i));
        }
        // The same in any order, unlike a sum.
        float result = largest.reduceLanes(VectorOperators.MAX);
        for (; i < at + count; i++) {
            result = Math.max(result, x[i]);
        }
        return result;
    }

    @Override
    public double squares(float[] x, int at, int count) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        int lanes = FLOATS.length();
        int i = at;
        for (; i + 2 * lanes <= at + count; i += 2 * lanes) {
            FloatVector first = FloatVector.fromArray(FLOATS, x, i);
            FloatVector second = FloatVector.fromArray(FLOATS, x, i + lanes);
            even = first.fma(first, even);
            odd = second.fma(second, odd);
        }
        double sum = LaneSum.of(even.add(odd));
        for (; i < at + count; i++) {
            sum += (double) x[i] * x[i];
        }
        return sum;
    }

    @Override
    public void decode(Weight weight, int row, float[] into, int at) {
        decodeRow(weight, row, into, at);
    }

    @Override
    public float exponentials(float[] x, int at, int count, float shift) {
        return VectorExponentials.exponentials(x, at, count, shift);
    }

    @Override
    public void silu(float[] gate, float[] up, int at, int count) {
        VectorExponentials.silu(gate, up, at, count);
    }

    private static void decodeRow(Weight weight, int row, float[] into, int at) {
        if (weight.format() instanceof QuantFormat.Affine affine && affine.bits() == 4) {
            fourBits(weight, affine, row, into, at);
        } else if (weight.format() instanceof QuantFormat.Affine affine && affine.bits() == 8) {
            eightBits(weight, affine, row, into, at);
        } else if (weight.format() instanceof QuantFormat.Dense(DType type)
                && type == DType.BF16
                && weight.columns() % 8 == 0) {
            bfloat16(weight, row, into, at);
        } else {
            RowDecoder.decode(weight, row, into, at);
        }
    }

    private static void bfloat16(Weight weight, int row, float[] into, int at) {
        MemorySegment bytes = weight.values().bytes();
        long start = row * weight.values().rowBytes();
        for (int i = 0; i < weight.columns(); i += 8) {
            ShortVector halves =
                    ShortVector.fromMemorySegment(EIGHT_SHORTS, bytes, start + 2L * i, ByteOrder.LITTLE_ENDIAN);
            IntVector words = (IntVector) halves.convertShape(VectorOperators.S2I, EIGHT_INTS, 0);
            words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(into, at + i);
        }
    }

    private static void fourBits(Weight weight, QuantFormat.Affine affine, int row, float[] into, int at) {
        MemorySegment words = weight.values().bytes();
        long next = row * weight.values().rowBytes();
        long scaleAt = row * weight.scales().rowBytes();
        long biasAt = row * weight.biases().rowBytes();
        int step = affine.scaleType().sizeBytes();
        for (int from = 0; from < weight.columns(); from += affine.groupSize()) {
            FloatVector scale = FloatVector.broadcast(
                    EIGHT, RowDecoder.number(weight.scales().bytes(), affine.scaleType(), scaleAt));
            FloatVector bias = FloatVector.broadcast(
                    EIGHT, RowDecoder.number(weight.biases().bytes(), affine.scaleType(), biasAt));
            scaleAt += step;
            biasAt += step;
            for (int i = from; i < from + affine.groupSize(); i += 8) {
                IntVector codes = IntVector.broadcast(EIGHT_INTS, words.get(RowDecoder.INT, next))
                        .lanewise(VectorOperators.LSHR, NIBBLE_SHIFTS)
                        .and(15);
                FloatVector values = (FloatVector) codes.convertShape(VectorOperators.I2F, EIGHT, 0);
                values.fma(scale, bias).intoArray(into, at + i);
                next += 4;
            }
        }
    }

    private static void eightBits(Weight weight, QuantFormat.Affine affine, int row, float[] into, int at) {
        MemorySegment bytes = weight.values().bytes();
        long start = row * weight.values().rowBytes();
        long scaleAt = row * weight.scales().rowBytes();
        long biasAt = row * weight.biases().rowBytes();
        int step = affine.scaleType().sizeBytes();
        for (int from = 0; from < weight.columns(); from += affine.groupSize()) {
            FloatVector scale = FloatVector.broadcast(
                    EIGHT, RowDecoder.number(weight.scales().bytes(), affine.scaleType(), scaleAt));
            FloatVector bias = FloatVector.broadcast(
                    EIGHT, RowDecoder.number(weight.biases().bytes(), affine.scaleType(), biasAt));
            scaleAt += step;
            biasAt += step;
            for (int i = from; i < from + affine.groupSize(); i += 8) {
                ByteVector codes = ByteVector.fromMemorySegment(EIGHT_BYTES, bytes, start + i, ByteOrder.LITTLE_ENDIAN);
                IntVector wide = (IntVector) codes.convertShape(VectorOperators.ZERO_EXTEND_B2I, EIGHT_INTS, 0);
                FloatVector values = (FloatVector) wide.convertShape(VectorOperators.I2F, EIGHT, 0);
                values.fma(scale, bias).intoArray(into, at + i);
            }
        }
    }
}
