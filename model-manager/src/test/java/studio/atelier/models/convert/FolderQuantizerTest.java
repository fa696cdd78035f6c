package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.StoredTensor;

/** Whole folders against what mlx-lm 0.32 made of the same checkpoints. */
final class FolderQuantizerTest {
    private static final Path GOLDEN = Path.of("..", "engine", "src", "test", "resources", "golden");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "deepseek_v3, mlx-q4, affine, 4, 64, model.layers.4.",
        "deepseek_v3_bf16, mlx-q4, affine, 4, 64, model.layers.3.",
        "deepseek_v3_noqlora, mlx-q4, affine, 4, 64, none",
        "deepseek_v2, mlx-q4, affine, 4, 64, none",
        "qwen3_moe, mlx-q4, affine, 4, 64, none",
        "qwen3_moe, mlx-q8, affine, 8, 64, none",
        "qwen3_moe, mlx-mxfp4, mxfp4, , , none",
        "qwen3_moe, mlx-nvfp4, nvfp4, , , none",
    })
    void writesWhatMlxWrites(String model, String made, String mode, Integer bits, Integer group, String prediction)
            throws Exception {
        Path target = folder.resolve("made");
        quantize(model, target, Recipe.named(mode, optional(bits), optional(group)));
        Path golden = GOLDEN.resolve(model).resolve(made);
        assertEquals(read(golden, "config.json"), read(target, "config.json"));
        try (ModelFiles expected = ModelFiles.open(golden);
                ModelFiles got = ModelFiles.open(target)) {
            for (StoredTensor tensor : expected.tensors().values()) {
                StoredTensor mine = got.tensor(tensor.name());
                assertEquals(tensor.dtype(), mine.dtype(), tensor.name());
                assertArrayEquals(tensor.shape(), mine.shape(), tensor.name());
                assertEquals(-1, tensor.bytes().mismatch(mine.bytes()), tensor.name());
            }
            List<String> more = new ArrayList<>(got.tensors().keySet());
            more.removeAll(expected.tensors().keySet());
            boolean keeps = !prediction.equals("none");
            assertEquals(keeps, !more.isEmpty(), more.toString());
            assertTrue(more.stream().allMatch(name -> name.startsWith(prediction)), more.toString());
            if (keeps) {
                assertTrue(more.contains(prediction + "mlp.switch_mlp.up_proj.weight"), more.toString());
            } else {
                assertEquals(
                        read(golden, "model.safetensors.index.json"), read(target, "model.safetensors.index.json"));
            }
        }
    }

    @Test
    void cutsIntoShardsThatAreOneModel() throws Exception {
        Path target = folder.resolve("shards");
        FolderQuantizer.quantize(GOLDEN.resolve("deepseek_v2/hf"), target, Recipe.usual(), 100_000, _ -> {});
        assertTrue(
                Files.exists(target.resolve("model-00003-of-00005.safetensors")),
                names(target).toString());
        Engine.check(target);
        try (ModelFiles expected = ModelFiles.open(GOLDEN.resolve("deepseek_v2/mlx-q4"));
                ModelFiles got = ModelFiles.open(target)) {
            assertEquals(expected.tensors().keySet(), got.tensors().keySet());
        }
    }

    @Test
    void tellsHowFarItIs() throws Exception {
        List<FolderQuantizer.Progress> told = new ArrayList<>();
        FolderQuantizer.quantize(GOLDEN.resolve("qwen3_moe/hf"), folder.resolve("made"), Recipe.usual(), told::add);
        long before = 0;
        for (FolderQuantizer.Progress progress : told) {
            assertTrue(progress.writtenBytes() > before);
            before = progress.writtenBytes();
        }
        assertEquals(told.getLast().totalBytes(), before);
    }

    @Test
    void copiesWhatTheTokenizerNeeds() throws Exception {
        Path source = copy("qwen3_moe");
        for (String name : List.of("tokenizer.json", "chat_template.jinja", "generation_config.json", "LICENSE.txt")) {
            Files.writeString(source.resolve(name), "{}");
        }
        Files.writeString(source.resolve("modeling_evil.py"), "import os");
        Path target = folder.resolve("made");
        FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {});
        assertEquals(
                List.of(
                        "LICENSE.txt",
                        "chat_template.jinja",
                        "config.json",
                        "generation_config.json",
                        "model.safetensors",
                        "model.safetensors.index.json",
                        "tokenizer.json"),
                names(target));
    }

    @Test
    void refusesWhatIsSmallAlready() {
        EngineException refusal =
                refused(EngineException.class, () -> quantize("deepseek_v3", "mlx-q4", folder.resolve("twice")));
        assertEquals(Reason.DTYPE_UNSUPPORTED, refusal.reason());
        assertTrue(String.valueOf(refusal.getMessage()).contains("quantized already"), refusal.getMessage());
    }

    @Test
    void refusesToWriteOverAFolder() throws Exception {
        Path there = Files.createDirectory(folder.resolve("there"));
        Files.writeString(there.resolve("mine.txt"), "kept");
        IOException refusal = refused(IOException.class, () -> quantize("qwen3_moe", "hf", there));
        assertTrue(String.valueOf(refusal.getMessage()).contains("is there already"), refusal.getMessage());
        assertEquals("kept", Files.readString(there.resolve("mine.txt")));
    }

    @Test
    void aBrokenSourceLeavesNothingBehind() throws Exception {
        Path source = copy("qwen3_moe");
        Path weights = source.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        // The last number of the last tensor becomes NaN: the header is right, the values are not.
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putShort(bytes.length - 2, (short) 0x7FC0);
        Files.write(weights, bytes);
        EngineException refusal = refused(
                EngineException.class,
                () -> FolderQuantizer.quantize(source, folder.resolve("made"), Recipe.usual(), _ -> {}));
        assertEquals(Reason.MODEL_FILE_BROKEN, refusal.reason());
        assertTrue(String.valueOf(refusal.getMessage()).contains("NaN"), refusal.getMessage());
        assertEquals(List.of("qwen3_moe"), names(folder));
    }

    @Test
    void anInterruptLeavesNothingBehind() throws Exception {
        Path target = folder.resolve("made");
        assertThrows(
                InterruptedIOException.class,
                () -> FolderQuantizer.quantize(
                        GOLDEN.resolve("deepseek_v3/hf"),
                        target,
                        Recipe.usual(),
                        _ -> Thread.currentThread().interrupt()));
        assertTrue(Thread.interrupted());
        assertEquals(List.of(), names(folder));
    }

    @Test
    void numbersAreRoundedToTheDeclaredTypeFirst() throws Exception {
        Path source = copy("qwen3_moe");
        Path config = source.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"bfloat16\"", "\"float32\""));
        Path target = folder.resolve("made");
        FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {});
        try (ModelFiles wide = ModelFiles.open(target);
                ModelFiles narrow = ModelFiles.open(GOLDEN.resolve("qwen3_moe/mlx-q4"))) {
            float first = wide.tensor("lm_head.scales")
                    .bytes()
                    .get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
            short rounded = narrow.tensor("lm_head.scales")
                    .bytes()
                    .get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
            assertEquals(Float.intBitsToFloat(rounded << 16), first, Math.abs(first) / 128);
            assertFalse(Float.floatToRawIntBits(first) << 16 == 0, "the scale was rounded to BF16");
        }
    }

    private void quantize(String model, Path target, Recipe recipe) throws Exception {
        FolderQuantizer.quantize(GOLDEN.resolve(model).resolve("hf"), target, recipe, _ -> {});
    }

    private void quantize(String model, String made, Path target) throws Exception {
        FolderQuantizer.quantize(GOLDEN.resolve(model).resolve(made), target, Recipe.usual(), _ -> {});
    }

    private interface Attempt {
        void run() throws Exception;
    }

    private static <T extends Exception> T refused(Class<T> type, Attempt attempt) {
        return assertThrows(type, attempt::run);
    }

    private Path copy(String model) throws IOException {
        Path source = Files.createDirectory(folder.resolve(model));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(GOLDEN.resolve(model).resolve("hf").resolve(name), source.resolve(name));
        }
        return source;
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static JsonNode read(Path folder, String name) throws IOException {
        return JSON.readTree(folder.resolve(name).toFile());
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
