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

    /** How many bits each kind of matrix gets; what is said for none stays as it is. */
    record Bits(int feedForward, int attention, int embedding, int head) {
        static Bits all(int bits) {
            return new Bits(bits, bits, bits, bits);
        }

        int of(String module) {
            return module.endsWith("embed_tokens")
                    ? embedding
                    : module.endsWith("lm_head") ? head : module.contains("_attn.") ? attention : feedForward;
        }
    }

    /** Quantizes the matrices whose names begin with the prefix. */
    static void layOut(Path from, Path to, String prefix, Bits bits) throws IOException, EngineException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) json.readTree(from.resolve("config.json").toFile());
        ObjectNode quantization =
                config.putObject("quantization").put("bits", bits.feedForward()).put("group_size", GROUP);
        try (Safetensors file = Safetensors.open(from.resolve("model.safetensors"))) {
            List<Announced> announced = new ArrayList<>();
            Map<String, MemorySegment> bytes = new LinkedHashMap<>();
            for (StoredTensor tensor : file.tensors().values()) {
                if (tensor.name().startsWith(prefix) && divides(tensor)) {
                    String module = tensor.name().replace(".weight", "");
                    int own = bits.of(module);
                    if (own != bits.feedForward()) {
                        quantization.putObject(module).put("bits", own).put("group_size", GROUP);
                    }
                    quantize(tensor, own, announced, bytes);
                } else {
                    List<Long> shape =
                            java.util.Arrays.stream(tensor.shape()).boxed().toList();
                    announced.add(new Announced(tensor.name(), tensor.dtype(), shape));
                    bytes.put(tensor.name(), tensor.bytes());
                }
            }
            write(to.resolve("model.safetensors"), announced, bytes);
        }
        Files.writeString(to.resolve("config.json"), json.writeValueAsString(config));
    }

    private static boolean divides(StoredTensor tensor) {
        return tensor.shape().length == 2 && tensor.shape()[1] % GROUP == 0;
    }

    /** Writes a file again, with what is in BF16 in F16. */
    static void halve(Path from, Path to) throws IOException, EngineException {
        try (Safetensors file = Safetensors.open(from)) {
            List<Announced> announced = new ArrayList<>();
            Map<String, MemorySegment> bytes = new LinkedHashMap<>();
            for (StoredTensor tensor : file.tensors().values()) {
                List<Long> shape =
                        java.util.Arrays.stream(tensor.shape()).boxed().toList();
                if (tensor.dtype() != DType.BF16) {
                    announced.add(new Announced(tensor.name(), tensor.dtype(), shape));
                    bytes.put(tensor.name(), tensor.bytes());
                    continue;
                }
                int count = (int) (tensor.bytes().byteSize() / 2);
                MemorySegment halves = MemorySegment.ofArray(new byte[2 * count]);
                for (int i = 0; i < count; i++) {
                    float value = Float8.fromBfloat16(tensor.bytes().get(RowDecoder.SHORT, 2L * i));
                    halves.set(RowDecoder.SHORT, 2L * i, Float.floatToFloat16(value));
                }
                announced.add(new Announced(tensor.name(), DType.F16, shape));
                bytes.put(tensor.name(), halves);
            }
            write(to, announced, bytes);
        }
    }

    private static void write(Path to, List<Announced> announced, Map<String, MemorySegment> bytes) throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.begin(to, announced, Map.of())) {
            for (Map.Entry<String, MemorySegment> entry : bytes.entrySet()) {
                writer.write(entry.getKey(), entry.getValue());
            }
            writer.finish();
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
