package studio.atelier.engine.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;
import studio.atelier.engine.tensor.WeightSource;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Weights that have shape and format but no bytes: 4-bit in groups of 64 as MLX folders have it, 4.5 bits a weight;
 * routers in BF16; gpt-oss with MXFP4 experts and the rest in BF16, as released.
 */
final class ShapesOnly implements WeightSource {
    private static final QuantFormat FOUR_BIT = new QuantFormat.Affine(4, 64, DType.BF16);
    private static final QuantFormat BFLOAT = new QuantFormat.Dense(DType.BF16);

    private final boolean released;

    /** {@code released}: as gpt-oss is. */
    ShapesOnly(boolean released) {
        this.released = released;
    }

    @Override
    public boolean has(String tensor) {
        return tensor.contains(".switch_mlp.")
                || tensor.contains(".embed_q.")
                || tensor.contains(".unembed_out.")
                || tensor.endsWith(".e_score_correction_bias")
                || (released && tensor.endsWith(".bias"));
    }

    @Override
    public Weight matrix(String module, int rows, int columns) {
        boolean router = module.endsWith(".gate") || module.endsWith(".router");
        return weight(module, router || released ? BFLOAT : FOUR_BIT, rows, columns);
    }

    private static Weight weight(String module, QuantFormat format, int rows, int columns) {
        return new Weight(module, rows, columns, format, new Plane(MemorySegment.NULL, 0), Plane.NONE, Plane.NONE, 0);
    }

    @Override
    public WeightStack stack(String module, int count, int rows, int columns) {
        return stack(module, released ? new QuantFormat.Mxfp4() : FOUR_BIT, count, rows, columns);
    }

    private static WeightStack stack(String module, QuantFormat format, int count, int rows, int columns) {
        List<Weight> each = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            each.add(weight(module, format, rows, columns));
        }
        return new WeightStack(each);
    }

    @Override
    public WeightStack mxfp4Blocks(String prefix, int count, int rows, int columns) {
        return stack(prefix, new QuantFormat.Mxfp4(), count, rows, columns);
    }

    @Override
    public Weight filter(String module, int out, int in, int height, int width) {
        return matrix(module, out, height * width * in);
    }

    @Override
    public float[] numbers(String tensor, int... axes) {
        int count = 1;
        for (int axis : axes) {
            count = Math.multiplyExact(count, axis);
        }
        return new float[count];
    }

    @Override
    public WeightStack requantized(Weight whole, int count, int first, int stride, int rows, boolean transposed) {
        throw new IllegalArgumentException(whole.name() + ": expected new layouts, got a request for an old one");
    }

    @Override
    public void ignore(String tensor) {}
}
