package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.golden.GoldenFile;

/** Golden folders damaged at random, the same way every time: each is refused in a sentence or answers. */
final class DamagedFolderTest {
    private static final int FOLDERS = Integer.getInteger("atelier.damaged.folders", 150);
    private static final int FIRST_SEED = Integer.getInteger("atelier.damaged.seed", 1);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> MODELS = List.of(
            "deepseek_v3/mlx-q4",
            "deepseek_v3/hf",
            "deepseek_v3_bf16/mlx-q4legacy",
            "deepseek_v2/mlx-q4",
            "qwen3_moe/mlx-mxfp4",
            "qwen3_moe/mlx-nvfp4",
            "qwen3_moe/hf");

    /** Values that a program or a disk may leave where others are expected. */
    private static final List<String> STRANGE = List.of(
            "0",
            "-1",
            "1",
            "2",
            "3",
            "7",
            "63",
            "65",
            "1e9",
            "2147483647",
            "-2147483648",
            "4294967296",
            "1e308",
            "-1e308",
            "9223372036854775807",
            "123456789012345678901234567890",
            "0.5",
            "1e-300",
            "NaN",
            "Infinity",
            "-Infinity",
            "null",
            "true",
            "false",
            "\"\"",
            "\"x\"",
            "\"sigmoid\"",
            "[]",
            "[1]",
            "[-1, 2]",
            "{}",
            "{\"a\": 1}",
            "[[[[[[]]]]]]",
            "\"\\u0000\"",
            "262144",
            "1048576");

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void prepare() throws IOException {
        model = folder.resolve("model");
        TinyModel.layOut(model, MODELS.getFirst(), 320);
    }

    @Test
    void everyDamageIsRefusedInASentenceOrHarmless() throws Exception {
        int refused = 0;
        for (int seed = FIRST_SEED; seed < FIRST_SEED + FOLDERS; seed++) {
            Random random = new Random(seed);
            String golden = MODELS.get(random.nextInt(MODELS.size()));
            restore(golden);
            String damage = damage(random);
            refused += refused("seed " + seed + ", " + golden + ": " + damage) ? 1 : 0;
        }
        assertTrue(refused > FOLDERS / 2, "only " + refused + " of " + FOLDERS + " were refused");
        assertTrue(refused < FOLDERS, "none was harmless");
    }

    private boolean refused(String what) throws InterruptedException {
        try (Engine engine = Engine.open(model, EngineOptions.defaults().withContextLimit(64), _ -> {})) {
            Heard heard = new Heard();
            engine.newSession().generate(GenerationRequest.raw("abc", Sampling.greedy(), 2), heard);
            heard.await();
            if (heard.last() instanceof GenerationEvent.Failed(EngineException cause)) {
                assertNotEquals(Reason.INTERNAL, cause.reason(), what + ": " + cause.getMessage());
            }
            return false;
        } catch (EngineException e) {
            String said = String.valueOf(e.getMessage());
            assertNotEquals(Reason.INTERNAL, e.reason(), what + ": " + said);
            assertTrue(said.endsWith(".") && said.length() > 20 && said.length() < 600, what + ": " + said);
            assertFalse(said.contains("\n"), what + ": " + said);
            return true;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    private void restore(String golden) throws IOException {
        for (String name : List.of("config.json", "model.safetensors", "model.safetensors.index.json")) {
            Path from = GoldenFile.path(golden).resolve(name);
            if (Files.exists(from)) {
                Files.copy(from, model.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.deleteIfExists(model.resolve(name));
            }
        }
    }

    private String damage(Random random) throws IOException {
        Path config = model.resolve("config.json");
        Path weights = model.resolve("model.safetensors");
        Path index = model.resolve("model.safetensors.index.json");
        int kind = random.nextInt(10);
        if (kind < 5) {
            return damageJson(config, random, 1 + random.nextInt(2));
        }
        return switch (kind) {
            case 5 -> damageText(config, random);
            case 6 -> damageBytes(weights, random);
            case 7 -> Files.exists(index) ? damageJson(index, random, 1) : damageHeader(weights, random);
            default -> damageHeader(weights, random);
        };
    }

    private static String damageJson(Path file, Random random, int times) throws IOException {
        JsonNode root = JSON.readTree(file.toFile());
        StringBuilder done = new StringBuilder(file.getFileName() + " ");
        String text = damaged(root, random, times, done);
        Files.writeString(file, text);
        return done.toString();
    }

    /** Replaces, removes or doubles values anywhere in a document. */
    private static String damaged(JsonNode root, Random random, int times, StringBuilder done) throws IOException {
        List<String> strange = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            List<JsonNode> holders = new ArrayList<>();
            collect(root, holders);
            JsonNode holder = holders.get(random.nextInt(holders.size()));
            String value = STRANGE.get(random.nextInt(STRANGE.size()));
            String mark = "@" + i + "@";
            strange.add(value);
            if (holder instanceof ObjectNode object && !object.isEmpty()) {
                List<String> keys = new ArrayList<>();
                object.fieldNames().forEachRemaining(keys::add);
                String key = keys.get(random.nextInt(keys.size()));
                done.append(key);
                switch (random.nextInt(8)) {
                    case 0 -> {
                        object.remove(key);
                        done.append(" removed ");
                    }
                    case 1 -> {
                        JsonNode gone = object.remove(key);
                        object.set(key + "x", gone);
                        done.append(" renamed ");
                    }
                    default -> {
                        object.put(key, mark);
                        done.append(" = ").append(value).append(' ');
                    }
                }
            } else if (holder instanceof ArrayNode array && !array.isEmpty()) {
                int at = random.nextInt(array.size());
                array.remove(at);
                array.insert(at, mark);
                done.append("item ").append(at).append(" = ").append(value).append(' ');
            }
        }
        String text = JSON.writeValueAsString(root);
        for (int i = 0; i < strange.size(); i++) {
            text = text.replace("\"@" + i + "@\"", strange.get(i));
        }
        return text;
    }

    private static void collect(JsonNode node, List<JsonNode> holders) {
        if (node.isContainerNode() && !node.isEmpty()) {
            holders.add(node);
            node.forEach(child -> collect(child, holders));
        }
    }

    private static String damageText(Path file, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int at = random.nextInt(bytes.length);
        if (random.nextBoolean()) {
            Files.write(file, Arrays.copyOf(bytes, at));
            return file.getFileName() + " cut at " + at;
        }
        bytes[at] = (byte) random.nextInt(256);
        Files.write(file, bytes);
        return file.getFileName() + " byte " + at;
    }

    private static String damageBytes(Path file, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (random.nextInt(4)) {
            case 0 -> {
                int length = random.nextInt(bytes.length);
                Files.write(file, Arrays.copyOf(bytes, length));
                return "weights cut at " + length;
            }
            case 1 -> {
                Files.write(file, Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100)));
                return "weights too long";
            }
            case 2 -> {
                long[] lengths = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32, bytes.length, 25_000_001};
                long length = lengths[random.nextInt(lengths.length)];
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
                Files.write(file, bytes);
                return "header length " + length;
            }
            default -> {
                int at = random.nextInt(2000);
                bytes[at] = (byte) random.nextInt(256);
                Files.write(file, bytes);
                return "header byte " + at;
            }
        }
    }

    private static String damageHeader(Path file, Random random) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong(0);
        ObjectNode header = (ObjectNode) JSON.readTree(new String(bytes.array(), 8, length, StandardCharsets.UTF_8));
        StringBuilder done = new StringBuilder("header ");
        String text;
        if (random.nextInt(3) == 0) {
            text = exchanged(header, random, done);
        } else {
            text = damaged(header, random, 1, done);
        }
        byte[] json = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fresh =
                ByteBuffer.allocate(bytes.capacity() - length + json.length).order(ByteOrder.LITTLE_ENDIAN);
        fresh.putLong(json.length).put(json).put(bytes.array(), 8 + length, bytes.capacity() - 8 - length);
        Files.write(file, fresh.array());
        return done.toString();
    }

    /** Two tensors trade places, or one says the same bytes in another way. */
    private static String exchanged(ObjectNode header, Random random, StringBuilder done) throws IOException {
        List<Map.Entry<String, JsonNode>> tensors = header.properties().stream()
                .filter(each -> !each.getKey().equals("__metadata__"))
                .toList();
        Map.Entry<String, JsonNode> one = tensors.get(random.nextInt(tensors.size()));
        Map.Entry<String, JsonNode> other = tensors.get(random.nextInt(tensors.size()));
        if (random.nextBoolean()) {
            done.append(one.getKey()).append(" for ").append(other.getKey());
            JsonNode first = one.getValue().deepCopy();
            JsonNode second = other.getValue().deepCopy();
            header.set(one.getKey(), second);
            header.set(other.getKey(), first);
        } else {
            done.append(one.getKey()).append(" turned");
            ArrayNode shape = (ArrayNode) one.getValue().get("shape");
            shape.insert(0, shape.remove(shape.size() - 1));
            String[] types = {"F16", "BF16", "I16", "F32", "U32", "U8", "F8_E4M3", "I8", "BOOL"};
            ((ObjectNode) one.getValue()).put("dtype", types[random.nextInt(types.length)]);
        }
        return JSON.writeValueAsString(header);
    }
}
