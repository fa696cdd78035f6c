package studio.atelier.engine.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/**
 * Model folders whose files were changed at random: each is opened or refused in a sentence, and nothing that it says is
 * outside of the file. {@code -Datelier.fuzz=100000} for so many of each kind.
 */
final class ModelFilesFuzzTest {
    private static final String[] SPLICES = {
        "-1",
        "9223372036854775807",
        "18446744073709551616",
        "1e400",
        "0.5",
        "null",
        "[]",
        "{}",
        "[[[[[[[[",
        "\"BF16\"",
        "\"F4\"",
        "\"__metadata__\":7,",
        "\"a\":",
        "\\ud800",
        "\u0000",
        "../../etc/passwd",
        "C:x",
        "4294967296",
        "\"shape\""
    };

    @TempDir
    private Path folder;

    private byte[] weights() throws IOException {
        Path file = folder.resolve("whole.safetensors");
        List<Announced> tensors = List.of(
                new Announced("a.weight", DType.BF16, List.of(4L, 8L)),
                new Announced("a.scales", DType.F32, List.of(4L)),
                new Announced("b", DType.U8, List.of(0L, 3L)),
                new Announced("c", DType.F16, List.of()));
        try (SafetensorsWriter writer = SafetensorsWriter.begin(file, tensors, Map.of("format", "pt"))) {
            for (Announced tensor : tensors) {
                writer.write(
                        tensor.name(), java.lang.foreign.MemorySegment.ofArray(new byte[(int) tensor.sizeBytes()]));
            }
            writer.finish();
        }
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        return bytes;
    }

    /** Flips, overwrites, splices, cuts or lengthens, one to four times. */
    static byte[] mutate(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes = splice(bytes, at, SPLICES[random.nextInt(SPLICES.length)]);
                case 3 -> bytes = java.util.Arrays.copyOf(bytes, at);
                case 4 -> bytes = java.util.Arrays.copyOf(bytes, bytes.length + random.nextInt(64));
                default -> bytes[at] = (byte) "0123456789[]{},:\"".charAt(random.nextInt(17));
            }
        }
        if (random.nextInt(8) == 0 && bytes.length >= 8) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, random.nextLong());
        }
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int at, String text) {
        byte[] inserted = text.getBytes(StandardCharsets.UTF_8);
        byte[] longer = new byte[bytes.length + inserted.length];
        System.arraycopy(bytes, 0, longer, 0, at);
        System.arraycopy(inserted, 0, longer, at, inserted.length);
        System.arraycopy(bytes, at, longer, at + inserted.length, bytes.length - at);
        return longer;
    }

    /** Whether it was opened. */
    private boolean opens() throws IOException {
        try (ModelFiles files = ModelFiles.open(folder)) {
            for (StoredTensor tensor : files.tensors().values()) {
                assertTrue(tensor.sizeBytes() <= Files.size(tensor.file()), tensor.toString());
                if (tensor.sizeBytes() > 0) {
                    tensor.bytes().get(java.lang.foreign.ValueLayout.JAVA_BYTE, tensor.sizeBytes() - 1);
                }
            }
            return true;
        } catch (EngineException e) {
            assertTrue(String.valueOf(e.getMessage()).endsWith("."), e.getMessage());
            assertTrue(
                    String.valueOf(e.getMessage()).length() < 2_000,
                    "a message of " + e.getMessage().length());
            return false;
        }
    }

    @Test
    void changedWeightsAreOpenedOrRefused() throws Exception {
        int rounds = Integer.getInteger("atelier.fuzz", 2_000);
        byte[] whole = weights();
        Random random = new Random(1);
        Path file = folder.resolve("model.safetensors");
        int opened = 0;
        for (int round = 0; round < rounds; round++) {
            Files.write(file, mutate(whole, random));
            opened += opens() ? 1 : 0;
        }
        assertTrue(opened > rounds / 50 && opened < rounds * 9 / 10, opened + " of " + rounds + " were opened");
    }

    @Test
    void changedIndexesAreFollowedOrRefused() throws Exception {
        int rounds = Integer.getInteger("atelier.fuzz", 2_000);
        Files.write(folder.resolve("model-00001-of-00001.safetensors"), weights());
        String file = "\":\"model-00001-of-00001.safetensors\"";
        byte[] whole = ("{\"metadata\":{\"total_size\":82},\"weight_map\":{\"a.weight" + file + ",\"a.scales" + file
                        + ",\"b" + file + ",\"c" + file + "}}")
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(2);
        Path index = folder.resolve("model.safetensors.index.json");
        int opened = 0;
        for (int round = 0; round < rounds; round++) {
            Files.write(index, round == 0 ? whole : mutate(whole, random));
            opened += opens() ? 1 : 0;
        }
        assertTrue(opened > 0 && opened < rounds / 2, opened + " of " + rounds + " were opened");
    }

    @Test
    void changedConfigurationsAreReadOrRefused() throws Exception {
        int rounds = Integer.getInteger("atelier.fuzz", 2_000);
        byte[] whole =
                ("{\"model_type\":\"llama\",\"hidden_size\":64,\"rope_scaling\":{\"factor\":8.0},\"eos_token_id\":[1,2],"
                                + "\"quantization\":{\"bits\":4,\"group_size\":64},\"tie_word_embeddings\":true}")
                        .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(3);
        Path file = folder.resolve("config.json");
        int read = 0;
        for (int round = 0; round < rounds; round++) {
            Files.write(file, mutate(whole, random));
            try {
                ModelConfig config = ModelConfig.inFolder(folder);
                config.modelType();
                config.integer("hidden_size", 1, 1 << 20);
                config.integersOrOne("eos_token_id", 0, Integer.MAX_VALUE);
                config.flag("tie_word_embeddings", false);
                config.quantization();
                read++;
            } catch (EngineException e) {
                assertTrue(String.valueOf(e.getMessage()).endsWith("."), e.getMessage());
            }
        }
        assertTrue(read > 0 && read < rounds, read + " of " + rounds + " were read");
    }
}
