package studio.atelier.engine.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
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
 * The same whole-number sums as the emitted kernels with the Vector API, for other processors and for checking.
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
    private static final int WORDS = 16;

    private final short[][] layouts;

    VectorNibbles(int workers) {
        layouts = new short[workers][0];
    }

    @Override
    public String description() {
        return "Vector API, " + SHORTS.vectorBitSize() + " bits";
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
        if (layouts[worker].length < x.columns()) {
            layouts[worker] = new short[x.columns()];
        }
        short[] layout = layouts[worker];
        for (int t = 0; t < tokens; t++) {
            int token = firstToken + t * tokenStep;
            layOut(x, token, layout);
            for (int r = from; r < to; r++) {
                y[yAt + t * yStride + r] = row(weight, r, x, token, layout);
            }
        }
    }

    /** Of each group first the columns 0 4 8 .., then 1 5 9 .., 2 6 10 .. and 3 7 11 ... */
    private static void layOut(Activations x, int token, short[] to) {
        for (int group = 0; group < x.groups(); group++) {
            for (int column = 0; column < Activations.GROUP; column++) {
                to[group * Activations.GROUP + column % 4 * WORDS + column / 4] = x.code(token, group, column);
            }
        }
    }

    private static float row(Weight weight, int row, Activations x, int token, short[] layout) {
        MemorySegment words = weight.values().bytes();
        DType type = ((QuantFormat.Affine) weight.format()).scaleType();
        long at = row * weight.values().rowBytes();
        long scaleAt = row * weight.scales().rowBytes();
        long biasAt = row * weight.biases().rowBytes();
        FloatVector sum = FloatVector.zero(FLOATS);
        float biased = 0;
        for (int group = 0; group < x.groups(); group++) {
            float factor = RowDecoder.number(weight.scales().bytes(), type, scaleAt) * x.scale(token, group);
            biased += RowDecoder.number(weight.biases().bytes(), type, biasAt) * x.sum(token, group);
            scaleAt += type.sizeBytes();
            biasAt += type.sizeBytes();
            for (int part = 0; part < WORDS; part += SHORTS.length()) {
                int q = group * Activations.GROUP + part;
                ShortVector w = ShortVector.fromMemorySegment(SHORTS, words, at, ByteOrder.LITTLE_ENDIAN);
                at += SHORTS.vectorByteSize();
                ShortVector first = w.and((short) 15).mul(ShortVector.fromArray(SHORTS, layout, q));
                ShortVector second = w.lanewise(VectorOperators.LSHR, 4)
                        .and((short) 15)
                        .mul(ShortVector.fromArray(SHORTS, layout, q + WORDS));
                first = first.add(w.lanewise(VectorOperators.LSHR, 8)
                        .and((short) 15)
                        .mul(ShortVector.fromArray(SHORTS, layout, q + 2 * WORDS)));
                second = second.add(
                        w.lanewise(VectorOperators.LSHR, 12).mul(ShortVector.fromArray(SHORTS, layout, q + 3 * WORDS)));
                IntVector pairs = first.add(second).reinterpretAsInts();
                IntVector whole = pairs.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 16)
                        .add(pairs.lanewise(VectorOperators.ASHR, 16));
                FloatVector products = (FloatVector) whole.convert(VectorOperators.I2F, 0);
                sum = products.fma(FloatVector.broadcast(FLOATS, factor), sum);
            }
        }
        return LaneSum.of(sum) + biased;
    }
}
