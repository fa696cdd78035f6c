package studio.atelier.models.convert;

import java.lang.foreign.MemorySegment;
import java.util.List;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;

/**
 * How far quantized numbers are from the published ones.
 *
 * @param squares sum of the squares of the published numbers
 * @param errorSquares sum of the squares of the differences
 */
public record QuantizationError(double squares, double errorSquares) {
    static final QuantizationError NONE = new QuantizationError(0, 0);

    /** The root of the mean square of the differences, as a part of the numbers' own. */
    public double relativeRms() {
        return squares == 0 ? 0 : Math.sqrt(errorSquares / squares);
    }

    QuantizationError plus(QuantizationError other) {
        return new QuantizationError(squares + other.squares, errorSquares + other.errorSquares);
    }

    /** Reads the packed rows back as the engine will, and compares. */
    static QuantizationError of(Output output, int count, float[] values, List<MemorySegment> parts) {
        if (output.scheme().isEmpty()) {
            return NONE;
        }
        int columns = output.rows().columns();
        Scheme scheme = output.scheme().get();
        QuantFormat format =
                switch (scheme.mode()) {
                    case AFFINE -> new QuantFormat.Affine(scheme.bits(), scheme.groupSize(), output.type());
                    case MXFP4 -> new QuantFormat.Mxfp4();
                    case NVFP4 -> new QuantFormat.Nvfp4();
                    case MXFP8 -> new QuantFormat.Mxfp8();
                };
        int groups = columns / scheme.groupSize();
        int scaleBytes = scheme.mode() == Scheme.Mode.AFFINE ? output.type().sizeBytes() : 1;
        Weight.Plane scales = new Weight.Plane(parts.get(1), (long) groups * scaleBytes);
        Weight.Plane biases =
                parts.size() == 3 ? new Weight.Plane(parts.get(2), (long) groups * scaleBytes) : Weight.Plane.NONE;
        Weight packed = new Weight(
                output.name(),
                count,
                columns,
                format,
                new Weight.Plane(parts.get(0), scheme.rowBytes(columns)),
                scales,
                biases,
                0);
        float[] row = new float[columns];
        double squares = 0;
        double errors = 0;
        for (int r = 0; r < count; r++) {
            RowDecoder.decode(packed, r, row, 0);
            float rowSquares = 0;
            float rowErrors = 0;
            for (int c = 0; c < columns; c++) {
                float value = values[r * columns + c];
                float difference = value - row[c];
                rowSquares += value * value;
                rowErrors += difference * difference;
            }
            squares += rowSquares;
            errors += rowErrors;
        }
        return new QuantizationError(squares, errors);
    }
}
