package studio.atelier.models.convert;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.tensor.DType;

/** Rows of an output: read, checked and turned into the bytes of its tensors. */
final class OutputRows {
    private static final int CHUNK_NUMBERS = 1 << 20;

    /** What some rows become: the bytes for each of the output's tensors, and how far they are from the published ones. */
    record Packed(List<MemorySegment> parts, QuantizationError error) {}

    private OutputRows() {}

    /** How many rows are computed at a time. */
    static int chunk(Rows rows) {
        int fitting = Math.max(1, CHUNK_NUMBERS / rows.columns());
        return Math.max(rows.together(), fitting / rows.together() * rows.together());
    }

    /** Computes rows {@code [first, first + count)}. */
    static Packed compute(Output output, long first, int count) throws EngineException {
        return pack(output, count, values(output, first, count));
    }

    /** Rows as they are quantized: rounded to the published type, and finite. */
    private static float[] values(Output output, long first, int count) throws EngineException {
        Rows rows = output.rows();
        float[] values = new float[Math.multiplyExact(count, rows.columns())];
        rows.read(first, count, values);
        int strange = Quantizer.round(values, output.type());
        if (strange >= 0) {
            throw new EngineException(
                    Reason.MODEL_FILE_BROKEN,
                    "The tensor \"" + output.name() + "\" holds " + values[strange] + " in row "
                            + (first + strange / rows.columns()) + "; download the model again.");
        }
        return values;
    }

    private static Packed pack(Output output, int count, float[] values) {
        Rows rows = output.rows();
        if (output.scheme().isEmpty()) {
            return new Packed(List.of(MemorySegment.ofArray(bytes(values, output.type()))), QuantizationError.NONE);
        }
        Quantized packed = Quantizer.quantize(
                values, count, rows.columns(), output.scheme().get(), output.type());
        List<MemorySegment> parts = new ArrayList<>(List.of(packed.packed(), packed.scales()));
        if (output.tensors().size() == 3) {
            parts.add(packed.biases());
        }
        return new Packed(parts, new QuantizationError(packed.squares(), packed.errorSquares()));
    }

    private static byte[] bytes(float[] values, DType type) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, type.sizeBytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            switch (type) {
                case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
                case F16 -> bytes.putShort(Float.floatToFloat16(value));
                default -> bytes.putFloat(value);
            }
        }
        return bytes.array();
    }
}
