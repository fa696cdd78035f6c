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
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.StoredTensor;

/** Whole folders against what mlx-lm 0.32 made of the same checkpoints. */
final class FolderQuantizerTest {
    private static final Path GOLDEN = Path.of("..", "engine", "src", "test", "resources", "golden");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final FolderQuantizer.Cut SMALL = new FolderQuantizer.Cut(100_000, 20_000);

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
                // mlx-lm, which doesn't know such a layer, reads model*.safetensors only.
                try (Safetensors beside = Safetensors.open(target.resolve("mtp.safetensors"))) {
                    assertEquals(Set.copyOf(more), beside.tensors().keySet());
                }
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
    void goesOnAfterAnInterrupt() throws Exception {
        Path source = GOLDEN.resolve("deepseek_v3/hf");
        Path target = folder.resolve("made");
        AtomicInteger parts = new AtomicInteger();
        InterruptedIOException stopped = refused(
                InterruptedIOException.class,
                () -> FolderQuantizer.quantize(source, target, Recipe.usual(), SMALL, (_, _) -> {}, _ -> {
                    if (parts.incrementAndGet() == 40) {
                        Thread.currentThread().interrupt();
                    }
                }));
        assertTrue(Thread.interrupted());
        assertTrue(String.valueOf(stopped.getMessage()).contains("goes on"), stopped.getMessage());
        assertEquals(List.of("made.unfinished"), names(folder));
        List<FolderQuantizer.Progress> told = new ArrayList<>();
        Map<String, QuantizationError> errors = new TreeMap<>();
        FolderQuantizer.quantize(
                source, target, Recipe.usual(), SMALL, (_, measured) -> errors.putAll(measured), told::add);
        Path whole = folder.resolve("whole");
        Map<String, QuantizationError> expected = new TreeMap<>();
        FolderQuantizer.quantize(
                source, whole, Recipe.usual(), SMALL, (_, measured) -> expected.putAll(measured), _ -> {});
        assertEquals(expected, errors, "errors of tensors that the first run made");
        assertFalse(errors.isEmpty());
        for (String name : names(whole)) {
            assertEquals(-1, Files.mismatch(whole.resolve(name), target.resolve(name)), name);
        }
        assertEquals(told.getLast().totalBytes(), told.getLast().writtenBytes());
        assertTrue(told.size() > 10, "what was done before is told too");
        assertEquals(List.of("made", "whole"), names(folder));
    }

    @Test
    void anotherRecipeBeginsAnew() throws Exception {
        Path source = GOLDEN.resolve("qwen3_moe/hf");
        Path target = folder.resolve("made");
        refused(
                InterruptedIOException.class,
                () -> FolderQuantizer.quantize(
                        source,
                        target,
                        Recipe.usual(),
                        SMALL,
                        (_, _) -> {},
                        _ -> Thread.currentThread().interrupt()));
        assertTrue(Thread.interrupted());
        quantize("qwen3_moe", target, Recipe.named("affine", OptionalInt.of(8), OptionalInt.empty()));
        try (ModelFiles expected = ModelFiles.open(GOLDEN.resolve("qwen3_moe/mlx-q8"));
                ModelFiles got = ModelFiles.open(target)) {
            for (StoredTensor tensor : expected.tensors().values()) {
                assertEquals(
                        -1, tensor.bytes().mismatch(got.tensor(tensor.name()).bytes()), tensor.name());
            }
        }
    }

    @Test
    void killedAtAnyMoment() throws Exception {
        int kills = Integer.getInteger("atelier.kills", 5);
        Random moment = new Random(17);
        Path source = GOLDEN.resolve("deepseek_v3/hf");
        Path undisturbed = folder.resolve("undisturbed");
        quantizeSlowly(source, undisturbed, 0);
        int killed = 0;
        int run = 0;
        int wentOn = 0;
        while (killed < kills) {
            Path target = folder.resolve("run" + run);
            int killsOfThis = 1 + moment.nextInt(4);
            for (int kill = 0; kill < killsOfThis; kill++) {
                Process process = child(source, target);
                Path journal = FolderWork.of(target).journal();
                long before = Files.exists(journal) ? Files.size(journal) : 0;
                wentOn += before > 0 ? 1 : 0;
                long grown = moment.nextInt(2_000);
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(300);
                while (process.isAlive()
                        && (Files.exists(journal) ? Files.size(journal) : 0) < before + grown
                        && System.nanoTime() < deadline) {
                    Thread.sleep(1);
                }
                Thread.sleep(moment.nextInt(30));
                if (process.isAlive()) {
                    process.destroyForcibly().waitFor();
                    killed++;
                }
            }
            Process last = child(source, target);
            assertTrue(last.waitFor(600, TimeUnit.SECONDS), "hangs after a kill");
            boolean wasWhole = last.exitValue() == KilledFolderQuantizer.IS_THERE;
            assertTrue(last.exitValue() == 0 || wasWhole, "exit " + last.exitValue());
            assertEquals(names(undisturbed), names(target));
            for (String name : names(undisturbed)) {
                assertEquals(-1, Files.mismatch(undisturbed.resolve(name), target.resolve(name)), name);
            }
            run++;
        }
        assertTrue(wentOn > 0, "no run found anything that an earlier one had made");
    }

    /** As in the other program too. */
    static void quantizeSlowly(Path source, Path target, int pauseMillis) throws IOException, EngineException {
        FolderQuantizer.quantize(source, target, Recipe.usual(), SMALL, FolderQuantizerTest::keepErrors, _ -> {
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void keepErrors(Path made, Map<String, QuantizationError> errors) throws IOException {
        Files.writeString(made.resolve("errors.txt"), new TreeMap<>(errors).toString());
    }

    private static Process child(Path source, Path target) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledFolderQuantizer.class.getName(),
                        source.toString(),
                        target.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
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
