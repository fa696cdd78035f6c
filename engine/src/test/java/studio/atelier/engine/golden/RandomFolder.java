package studio.atelier.engine.golden;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.weights.SafetensorsWriter;

/** A checkpoint of random numbers being made: what goes to the disk, and the same numbers for the reference. */
final class RandomFolder {
    /** The numbers by name, as the reference reads them. */
    final Map<String, double[]> numbers = new HashMap<>();

    /** What {@code config.json} will hold. */
    final ObjectNode config = new ObjectMapper().createObjectNode();

    private record Stored(DType type, List<Long> shape, byte[] bytes) {}

    private final Map<String, Stored> tensors = new LinkedHashMap<>();
    private final Random random;

    RandomFolder(long seed) {
        random = new Random(seed);
    }

    /** A matrix {@code <module>.weight}, small enough that nothing saturates. */
    void matrix(String module, int out, int in) {
        floats(module + ".weight", 1 / Math.sqrt(in), 0, out, in);
    }

    void bias(String name, int... shape) {
        floats(name, 0.2, 0, shape);
    }

    void norm(String module, int size) {
        floats(module + ".weight", 0.1, 1, size);
    }

    private void floats(String name, double spread, double middle, int... shape) {
        int count = 1;
        for (int axis : shape) {
            count *= axis;
        }
        double[] kept = new double[count];
        ByteBuffer bytes = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            float value = Float8.roundToBfloat16((float) (middle + spread * random.nextGaussian()));
            kept[i] = value;
            bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        }
        numbers.put(name, kept);
        put(name, DType.BF16, bytes.array(), shape);
    }

    /** MXFP4 as gpt-oss is released: codes in {@code _blocks}, the even element in the low half; exponents apart. */
    void mxfp4(String name, int experts, int out, int in) {
        double[] values = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
        int groups = experts * out * in / 32;
        byte[] blocks = new byte[groups * 16];
        byte[] scales = new byte[groups];
        random.nextBytes(blocks);
        double[] kept = new double[groups * 32];
        for (int g = 0; g < groups; g++) {
            int exponent = 123 + random.nextInt(3);
            scales[g] = (byte) exponent;
            for (int i = 0; i < 32; i++) {
                int code = blocks[g * 16 + i / 2] >> 4 * (i % 2) & 15;
                kept[g * 32 + i] = (code > 7 ? -1 : 1) * values[code & 7] * Math.pow(2, exponent - 127) / 2;
            }
            scales[g]--;
        }
        numbers.put(name, kept);
        put(name + "_blocks", DType.U8, blocks, experts, out, in / 32, 16);
        put(name + "_scales", DType.U8, scales, experts, out, in / 32);
    }

    private void put(String name, DType type, byte[] bytes, int... shape) {
        List<Long> axes = LongStream.of(
                        java.util.Arrays.stream(shape).asLongStream().toArray())
                .boxed()
                .toList();
        tensors.put(name, new Stored(type, axes, bytes));
    }

    Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config.toString());
        List<SafetensorsWriter.Announced> announced = new ArrayList<>();
        tensors.forEach(
                (name, tensor) -> announced.add(new SafetensorsWriter.Announced(name, tensor.type(), tensor.shape())));
        try (SafetensorsWriter writer =
                SafetensorsWriter.begin(folder.resolve("model.safetensors"), announced, Map.of("format", "pt"))) {
            for (Map.Entry<String, Stored> tensor : tensors.entrySet()) {
                writer.write(
                        tensor.getKey(), MemorySegment.ofArray(tensor.getValue().bytes()));
            }
            writer.finish();
        }
        return folder;
    }
}
