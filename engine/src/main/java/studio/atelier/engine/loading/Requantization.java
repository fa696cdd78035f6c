package studio.atelier.engine.loading;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;
import studio.atelier.engine.tensor.WeightStack;

/**
 * The older MLX layout of latent attention, in which {@code kv_b_proj} was quantized whole. mlx-lm 0.32 brings it to
 * the type of its scales, cuts and turns it, and quantizes the pieces again; to give its numbers, so does this.
 */
final class Requantization {
    private Requantization() {}

    static WeightStack of(Weight whole, int count, int first, int stride, int rows, boolean transposed)
            throws EngineException {
        if (!(whole.format() instanceof QuantFormat.Affine affine)) {
            throw new IllegalArgumentException(whole.name() + ": expected affine, got " + whole.format());
        }
        int outRows = transposed ? whole.columns() : rows;
        int outColumns = transposed ? rows : whole.columns();
        Scheme scheme = Scheme.affine(affine.bits(), affine.groupSize());
        if (!scheme.divides(outColumns)) {
            throw new EngineException(
                    Reason.TENSOR_SHAPE,
                    whole.name() + ": its pieces have " + outColumns + " inputs, which groups of " + affine.groupSize()
                            + " don't divide; quantize the model again.");
        }
        List<Weight> pieces = new ArrayList<>(count);
        Weight products = withoutBiases(whole, affine);
        float[] row = new float[whole.columns()];
        for (int i = 0; i < count; i++) {
            float[] values = new float[outRows * outColumns];
            for (int r = 0; r < rows; r++) {
                decode(whole, products, affine, first + i * stride + r, row);
                for (int c = 0; c < row.length; c++) {
                    values[transposed ? c * rows + r : r * row.length + c] = row[c];
                }
            }
            pieces.add(weight(whole.name(), outRows, outColumns, affine, scheme, values));
        }
        return new WeightStack(pieces);
    }

    /** {@code scale · code} alone: MLX rounds the product before it adds the bias. */
    private static Weight withoutBiases(Weight whole, QuantFormat.Affine affine) {
        byte[] zeros = new byte
                [whole.columns() / affine.groupSize() * affine.scaleType().sizeBytes()];
        return new Weight(
                whole.name(),
                whole.rows(),
                whole.columns(),
                affine,
                whole.values(),
                whole.scales(),
                new Plane(MemorySegment.ofArray(zeros), 0),
                whole.firstRow());
    }

    private static void decode(Weight whole, Weight products, QuantFormat.Affine affine, int r, float[] row) {
        RowDecoder.decode(products, r, row, 0);
        for (int c = 0; c < row.length; c++) {
            long biasAt = r * whole.biases().rowBytes()
                    + (long) (c / affine.groupSize()) * affine.scaleType().sizeBytes();
            float bias = RowDecoder.number(whole.biases().bytes(), affine.scaleType(), biasAt);
            row[c] = rounded(rounded(row[c], affine.scaleType()) + bias, affine.scaleType());
        }
    }

    private static float rounded(float value, DType type) {
        return switch (type) {
            case BF16 -> Float8.roundToBfloat16(value);
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case F32, F64, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> value;
        };
    }

    private static Weight weight(
            String name, int rows, int columns, QuantFormat.Affine affine, Scheme scheme, float[] values) {
        Quantized packed = Quantizer.quantize(values, rows, columns, scheme, affine.scaleType());
        long groupBytes =
                (long) columns / affine.groupSize() * affine.scaleType().sizeBytes();
        return new Weight(
                name,
                rows,
                columns,
                affine,
                new Plane(packed.packed(), (long) columns * affine.bits() / 8),
                new Plane(packed.scales(), groupBytes),
                new Plane(packed.biases(), groupBytes),
                0);
    }
}
