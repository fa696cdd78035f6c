package studio.atelier.engine.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/** What a model computed on its way to a picture, kept when asked for and written as one safetensors file. */
final class Trace {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** More than this is not kept: a comparison needs the first steps most. */
    private static final long MOST_BYTES = 1L << 30;

    /**
     * A tensor.
     *
     * @param shape of the whole, or of a row when {@code rows}
     */
    private record Kept(DType type, List<Long> shape, boolean rows, List<byte[]> parts) {}

    private final boolean keeps;
    private final Map<String, Kept> tensors = new LinkedHashMap<>();
    private long keptBytes;

    private Trace(boolean keeps) {
        this.keeps = keeps;
    }

    static Trace keeping() {
        return new Trace(true);
    }

    static Trace none() {
        return new Trace(false);
    }

    /** A whole tensor. */
    void put(String name, float[] numbers, long... shape) {
        if (keeps && room(4L * numbers.length)) {
            tensors.put(name, new Kept(DType.F32, longs(shape), false, List.of(bytes(numbers))));
        }
    }

    /** Whole numbers {@code [L]}. */
    void put(String name, int[] numbers) {
        if (keeps && room(4L * numbers.length)) {
            MemorySegment segment = MemorySegment.ofArray(new byte[4 * numbers.length]);
            MemorySegment.copy(numbers, 0, segment, INT, 0, numbers.length);
            tensors.put(name, new Kept(DType.I32, List.of((long) numbers.length), false, List.of(bytes(segment))));
        }
    }

    /** The next row of a table. */
    void append(String name, float[] row) {
        if (keeps && room(4L * row.length)) {
            Kept kept = tensors.computeIfAbsent(
                    name, _ -> new Kept(DType.F32, List.of((long) row.length), true, new ArrayList<>()));
            kept.parts().add(bytes(row));
        }
    }

    private boolean room(long sizeBytes) {
        keptBytes += sizeBytes;
        return keptBytes <= MOST_BYTES;
    }

    private static List<Long> longs(long[] shape) {
        return java.util.Arrays.stream(shape).boxed().toList();
    }

    private static byte[] bytes(float[] numbers) {
        MemorySegment segment = MemorySegment.ofArray(new byte[4 * numbers.length]);
        MemorySegment.copy(numbers, 0, segment, FLOAT, 0, numbers.length);
        return bytes(segment);
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    /** Writes the file; without anything kept there is none. */
    void write(Path file) throws IOException {
        if (!keeps) {
            return;
        }
        List<Announced> announced = new ArrayList<>();
        tensors.forEach((name, kept) -> announced.add(new Announced(name, kept.type(), shape(kept))));
        try (SafetensorsWriter writer = SafetensorsWriter.begin(file, announced, Map.of("format", "pt"))) {
            for (Map.Entry<String, Kept> entry : tensors.entrySet()) {
                for (byte[] part : entry.getValue().parts()) {
                    writer.write(entry.getKey(), MemorySegment.ofArray(part));
                }
            }
            writer.finish();
        }
    }

    /** A table's first axis is the number of its rows. */
    private static List<Long> shape(Kept kept) {
        if (!kept.rows()) {
            return kept.shape();
        }
        List<Long> shape = new ArrayList<>(List.of((long) kept.parts().size()));
        shape.addAll(kept.shape());
        return shape;
    }
}
