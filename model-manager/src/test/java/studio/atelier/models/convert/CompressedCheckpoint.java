package studio.atelier.models.convert;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;

/**
 * A golden checkpoint with its experts as compressed-tensors packs them, by the plainest arithmetic: symmetric, four
 * bits, groups of 32, eight codes in a word, the first one lowest.
 */
final class CompressedCheckpoint {
    private static final int GROUP = 32;
    private static final int CODES_PER_WORD = 8;
    private static final int ZERO = 8;

    private final Map<Announced, ByteBuffer> written = new LinkedHashMap<>();
    private final Map<String, float[]> values = new TreeMap<>();

    private CompressedCheckpoint() {}

    /** Writes it; gives what each packed matrix means, by its module. */
    static Map<String, float[]> write(Path golden, Path target) throws Exception {
        var checkpoint = new CompressedCheckpoint();
        Files.createDirectories(target);
        try (ModelFiles files = ModelFiles.open(golden)) {
            for (StoredTensor tensor : files.tensors().values()) {
                checkpoint.add(tensor);
            }
        }
        List<Announced> tensors = new ArrayList<>(checkpoint.written.keySet());
        try (SafetensorsWriter writer =
                SafetensorsWriter.begin(target.resolve("model.safetensors"), tensors, Map.of("format", "pt"))) {
            for (Announced tensor : tensors) {
                writer.write(tensor.name(), MemorySegment.ofBuffer(checkpoint.written.get(tensor)));
            }
            writer.finish();
        }
        config(golden, target);
        return checkpoint.values;
    }

    private static void config(Path golden, Path target) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) json.readTree(golden.resolve("config.json").toFile());
        ObjectNode quantization = config.putObject("quantization_config");
        quantization.put("quant_method", "compressed-tensors").put("format", "pack-quantized");
        quantization
                .putObject("config_groups")
                .putObject("group_0")
                .putObject("weights")
                .put("num_bits", 4)
                .put("type", "int")
                .put("symmetric", true)
                .put("strategy", "group")
                .put("group_size", GROUP);
        Files.write(target.resolve("config.json"), json.writeValueAsBytes(config));
    }

    private void add(StoredTensor tensor) {
        if (tensor.name().matches(".*\\.experts\\.\\d+\\.\\w+\\.weight")) {
            pack(tensor);
            return;
        }
        List<Long> shape = new ArrayList<>();
        for (int axis = 0; axis < tensor.rank(); axis++) {
            shape.add(tensor.axis(axis));
        }
        written.put(
                new Announced(tensor.name(), tensor.dtype(), shape),
                ByteBuffer.wrap(tensor.bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
    }

    private void pack(StoredTensor tensor) {
        int rows = (int) tensor.axis(0);
        int columns = (int) tensor.axis(1);
        ByteBuffer source = tensor.bytes().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer words = buffer(rows * columns / 2);
        ByteBuffer scales = buffer(rows * columns / GROUP * 2);
        float[] meant = new float[rows * columns];
        for (int start = 0; start < meant.length; start += GROUP) {
            float most = 0;
            for (int i = start; i < start + GROUP; i++) {
                most = Math.max(most, Math.abs(bfloat16(source.getShort(2 * i))));
            }
            short bits = (short) (Float.floatToRawIntBits(most / 7.5f) >>> 16);
            scales.putShort(bits);
            float scale = bfloat16(bits);
            for (int i = start; i < start + GROUP; i++) {
                int code = Math.clamp(Math.round(bfloat16(source.getShort(2 * i)) / scale), -8, 7);
                meant[i] = scale * code;
                int at = i / CODES_PER_WORD * Integer.BYTES;
                words.putInt(at, words.getInt(at) | code + ZERO << 4 * (i % CODES_PER_WORD));
            }
        }
        String module = tensor.name().substring(0, tensor.name().length() - ".weight".length());
        values.put(module, meant);
        long wordsInRow = columns / CODES_PER_WORD;
        written.put(new Announced(module + ".weight_packed", DType.I32, List.of((long) rows, wordsInRow)), words);
        written.put(
                new Announced(module + ".weight_scale", DType.BF16, List.of((long) rows, (long) columns / GROUP)),
                scales.flip());
        written.put(
                new Announced(module + ".weight_shape", DType.I32, List.of(2L)),
                buffer(8).putInt(0, rows).putInt(4, columns));
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static float bfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
