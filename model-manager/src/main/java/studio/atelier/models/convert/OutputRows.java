package studio.atelier.models.convert;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/** Rows of an output: read, checked and turned into the bytes of its tensors. */
final class OutputRows {
    /** Half a megabyte of floats, which stay in a core's cache from step to step. */
    private static final int CHUNK_NUMBERS = 1 << 17;
    /** Whose vector loops tell whether those that read and round are compiled. */
    private static final Scheme USUAL = Scheme.affine(4, 64);

    /** Room for numbers and results that one piece of work after the other uses. */
    static final class Scratch {
        private final Quantizer.Room room = new Quantizer.Room();
        private final byte[][] parts = new byte[3][0];
        private float[] numbers = new float[0];

        private float[] numbers(int count) {
            if (numbers.length < count) {
                numbers = new float[count];
            }
            return numbers;
        }

        /** Bytes for one of an output's tensors. */
        private MemorySegment part(int index, long sizeBytes) {
            int size = Math.toIntExact(sizeBytes);
            if (parts[index].length < size) {
                parts[index] = new byte[size];
            }
            return MemorySegment.ofArray(parts[index]).asSlice(0, size);
        }
    }

    /** What some rows become: the bytes for each of the output's tensors, and how far they are from the published ones. */
    record Packed(List<MemorySegment> parts, QuantizationError error) {}

    private OutputRows() {}

    /** How many rows are computed at a time. */
    static int chunk(Rows rows) {
        int fitting = Math.max(1, CHUNK_NUMBERS / rows.columns());
        return Math.max(rows.together(), fitting / rows.together() * rows.together());
    }

    /**
     * Computes rows {@code [first, first + count)}.
     *
     * @param scratch nobody else's until the result is done with, which lies there
     */
    static Packed compute(Output output, long first, int count, Scratch scratch) throws EngineException {
        return switch (output.rows()) {
            case Rows.Numbers numbers -> {
                scratch.room.look(output.scheme().orElse(USUAL), output.type());
                yield pack(output, count, values(output, numbers, first, count, scratch), scratch);
            }
            case Rows.Kept kept -> new Packed(copy(output, kept, first, count, scratch), QuantizationError.NONE);
        };
    }

    /** Codes and scales as they lie; biases, where there are none, of codes that are signed with an offset. */
    private static List<MemorySegment> copy(Output output, Rows.Kept kept, long first, int count, Scratch scratch)
            throws EngineException {
        Weight any = kept.matrices().getFirst();
        List<Announced> tensors = output.tensors();
        List<MemorySegment> parts = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) {
            long rowBytes = tensors.get(i).sizeBytes() / output.rows().count();
            parts.add(scratch.part(i, count * rowBytes));
        }
        long codeBytes = parts.get(0).byteSize() / count;
        long scaleBytes = parts.get(1).byteSize() / count;
        for (int i = 0; i < count; i++) {
            Weight matrix = kept.matrices().get((int) ((first + i) / any.rows()));
            long row = (first + i) % any.rows();
            copy(matrix.values(), row, parts.get(0), i * codeBytes, codeBytes);
            copy(matrix.scales(), row, parts.get(1), i * scaleBytes, scaleBytes);
        }
        if (any.format() instanceof QuantFormat.Affine affine) {
            offset(output, affine, parts.get(1), parts.get(2), scratch);
        }
        return parts;
    }

    private static void copy(Weight.Plane plane, long row, MemorySegment into, long at, long bytes) {
        MemorySegment.copy(plane.bytes(), row * plane.rowBytes(), into, at, bytes);
    }

    private static void offset(
            Output output, QuantFormat.Affine affine, MemorySegment scales, MemorySegment biases, Scratch scratch)
            throws EngineException {
        int size = affine.scaleType().sizeBytes();
        int count = (int) (scales.byteSize() / size);
        float[] numbers = scratch.numbers(count);
        for (int i = 0; i < count; i++) {
            float scale = RowDecoder.number(scales, affine.scaleType(), (long) size * i);
            numbers[i] = -(1 << affine.bits() - 1) * scale;
            if (!Float.isFinite(scale)) {
                throw new EngineException(
                        Reason.MODEL_FILE_BROKEN,
                        "The scales of \"" + output.name() + "\" hold " + scale + "; download the model again.");
            }
        }
        store(numbers, count, affine.scaleType(), biases);
    }

    /** Rows as they are quantized: rounded to the published type, and finite. */
    private static float[] values(Output output, Rows.Numbers rows, long first, int count, Scratch scratch)
            throws EngineException {
        int numbers = Math.multiplyExact(count, rows.columns());
        float[] values = scratch.numbers(numbers);
        rows.read(first, count, values, scratch.room);
        int strange = Quantizer.round(values, numbers, output.type(), scratch.room);
        if (strange >= 0) {
            throw new EngineException(
                    Reason.MODEL_FILE_BROKEN,
                    "The tensor \"" + output.name() + "\" holds " + values[strange] + " in row "
                            + (first + strange / rows.columns()) + "; download the model again.");
        }
        return values;
    }

    private static Packed pack(Output output, int count, float[] values, Scratch scratch) {
        Rows rows = output.rows();
        if (output.scheme().isEmpty()) {
            int numbers = count * rows.columns();
            MemorySegment bytes = scratch.part(0, (long) numbers * output.type().sizeBytes());
            store(values, numbers, output.type(), bytes);
            return new Packed(List.of(bytes), QuantizationError.NONE);
        }
        Quantized packed = Quantizer.quantize(
                values, count, rows.columns(), output.scheme().get(), output.type(), scratch.room);
        List<MemorySegment> parts = new ArrayList<>(List.of(packed.packed(), packed.scales()));
        if (output.tensors().size() == 3) {
            parts.add(packed.biases());
        }
        return new Packed(parts, new QuantizationError(packed.squares(), packed.errorSquares()));
    }

    private static void store(float[] values, int count, DType type, MemorySegment into) {
        switch (type) {
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    into.set(RowDecoder.SHORT, 2L * i, (short) (Float.floatToRawIntBits(values[i]) >>> 16));
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    into.set(RowDecoder.SHORT, 2L * i, Float.floatToFloat16(values[i]));
                }
            }
            default -> MemorySegment.copy(values, 0, into, RowDecoder.FLOAT, 0, count);
        }
    }
}
