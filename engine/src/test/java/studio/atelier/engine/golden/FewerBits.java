package studio.atelier.engine.golden;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;

/** A golden model in BF16 written again with some of its matrices in fewer bits, as mlx-lm would. */
final class FewerBits {
    private static final int GROUP = 32;

    private FewerBits() {}

    /** Quantizes the matrices whose names begin with the prefix. */
    static void layOut(Path from, Path to, String prefix, int bits) throws IOException, EngineException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) json.readTree(from.resolve("config.json").toFile());
        config.putObject("quantization").put("bits", bits).put("group_size", GROUP);
        Files.writeString(to.resolve("config.json"), json.writeValueAsString(config));
        try (Safetensors file = Safetensors.open(from.resolve("model.safetensors"))) {
            List<Announced> announced = new ArrayList<>();
            Map<String, MemorySegment> bytes = new LinkedHashMap<>();
            for (StoredTensor tensor : file.tensors().values()) {
                if (tensor.name().startsWith(prefix) && tensor.shape().length == 2) {
                    quantize(tensor, bits, announced, bytes);
                } else {
                    List<Long> shape =
                            java.util.Arrays.stream(tensor.shape()).boxed().toList();
                    announced.add(new Announced(tensor.name(), tensor.dtype(), shape));
                    bytes.put(tensor.name(), tensor.bytes());
                }
            }
            Path target = to.resolve("model.safetensors");
            try (SafetensorsWriter writer = SafetensorsWriter.begin(target, announced, Map.of())) {
                for (Map.Entry<String, MemorySegment> entry : bytes.entrySet()) {
                    writer.write(entry.getKey(), entry.getValue());
                }
                writer.finish();
            }
        }
    }

    private static void quantize(
            StoredTensor tensor, int bits, List<Announced> announced, Map<String, MemorySegment> bytes) {
        int rows = (int) tensor.shape()[0];
        int columns = (int) tensor.shape()[1];
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float8.fromBfloat16(tensor.bytes().get(RowDecoder.SHORT, 2L * i));
        }
        Quantized packed = Quantizer.quantize(values, rows, columns, Scheme.affine(bits, GROUP), DType.BF16);
        String module = tensor.name().replace(".weight", "");
        List<Long> groups = List.of((long) rows, (long) columns / GROUP);
        announced.add(new Announced(module + ".weight", DType.U32, List.of((long) rows, columns * bits / 32L)));
        announced.add(new Announced(module + ".scales", DType.BF16, groups));
        announced.add(new Announced(module + ".biases", DType.BF16, groups));
        bytes.put(module + ".weight", packed.packed());
        bytes.put(module + ".scales", packed.scales());
        bytes.put(module + ".biases", packed.biases());
    }
}
