package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.StoredTensor;

/** {@code studio logits} over every golden model there is, against the reference's numbers. */
final class LogitsCommandTest {
    private static final float TOLERANCE = 3e-4f;

    @TempDir
    Path folder;

    /** Folders {@code <model>/hf} and {@code <model>/mlx-<variant>} that have golden numbers beside them. */
    static List<Path> models() throws IOException {
        List<Path> models = new ArrayList<>();
        try (Stream<Path> all = Files.walk(Ran.GOLDEN, 2)) {
            all.filter(each -> each.getFileName().toString().matches("hf|mlx-.*"))
                    .filter(each -> Files.exists(each.resolve("config.json")))
                    .forEach(models::add);
        }
        assertTrue(models.size() >= 14, models.toString());
        return models;
    }

    private static Path reference(Path model) {
        String name = model.getFileName().toString();
        String variant = name.equals("hf") ? "" : "-" + name.substring("mlx-".length());
        return model.resolveSibling("golden" + variant + ".safetensors");
    }

    @ParameterizedTest
    @MethodSource("models")
    void computesTheReferencesNumbers(Path model) throws Exception {
        try (Safetensors golden = Safetensors.open(reference(model))) {
            int[] tokens = ints(golden, "tokens");
            int[] greedy = ints(golden, "greedy_tokens");
            Path out = folder.resolve("logits.safetensors");
            Ran ran = Ran.with(
                    "",
                    "logits",
                    model.toString(),
                    "--tokens",
                    IntStream.of(tokens).mapToObj(String::valueOf).collect(Collectors.joining(",")),
                    "--greedy",
                    String.valueOf(greedy.length),
                    "--out",
                    out.toString());
            assertEquals(new Ran(0, "", ""), ran);
            try (Safetensors got = Safetensors.open(out)) {
                float[] expected = floats(golden, "logits");
                float[] logits = floats(got, "logits");
                assertArrayEquals(
                        tensor(golden, "logits").shape(), tensor(got, "logits").shape());
                assertEquals(DType.I32, tensor(got, "greedy_tokens").dtype());
                assertArrayEquals(expected, logits, TOLERANCE);
                assertArrayEquals(greedy, ints(got, "greedy_tokens"));
            }
        }
    }

    @Test
    void refusesInOneSentence() {
        Path model = Ran.GOLDEN.resolve("deepseek_v3/mlx-q4");
        String out = folder.resolve("out.safetensors").toString();
        refused("needs --tokens", model.toString(), "--out", out);
        refused("needs --out", model.toString(), "--tokens", "1");
        refused("no option --tokenz", model.toString(), "--tokenz", "1");
        refused("1,two", model.toString(), "--tokens", "1,two", "--out", out);
        refused("320", model.toString(), "--tokens", "1,320", "--out", out);
        refused("no backend named \"abacus\"", model.toString(), "--tokens", "1", "--out", out, "--backend", "abacus");
        refused("nowhere", folder.resolve("nowhere").toString(), "--tokens", "1", "--out", out);
        refused("needs a model's folder", "--tokens", "1", "--out", out);
        refused("at most 1", "a", "b", "--tokens", "1", "--out", out);
        refused("twice", model.toString(), "--tokens", "1", "--tokens", "2", "--out", out);
        refused("needs a value", model.toString(), "--out", out, "--tokens");
        refused(
                "no-folder",
                model.toString(),
                "--tokens",
                "1",
                "--out",
                folder.resolve("no-folder/out").toString());
        assertTrue(Files.notExists(Path.of(out)));
    }

    private static void refused(String says, String... arguments) {
        List<String> all = new ArrayList<>(List.of("logits"));
        all.addAll(List.of(arguments));
        Ran ran = Ran.with("", all.toArray(String[]::new));
        assertEquals(1, ran.code(), ran.toString());
        assertEquals("", ran.out());
        assertTrue(ran.err().contains(says), ran.err());
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertTrue(ran.err().endsWith(".\n"), ran.err());
    }

    private static StoredTensor tensor(Safetensors file, String name) {
        StoredTensor tensor = file.tensors().get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("there is no tensor " + name);
        }
        return tensor;
    }

    private static ByteBuffer bytes(StoredTensor tensor) {
        return tensor.bytes().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static float[] floats(Safetensors file, String name) {
        StoredTensor tensor = tensor(file, name);
        float[] numbers = new float[(int) tensor.count()];
        bytes(tensor).asFloatBuffer().get(numbers);
        return numbers;
    }

    private static int[] ints(Safetensors file, String name) {
        StoredTensor tensor = tensor(file, name);
        ByteBuffer bytes = bytes(tensor);
        int[] numbers = new int[(int) tensor.count()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = tensor.dtype() == DType.I64 ? (int) bytes.getLong(8 * i) : bytes.getInt(4 * i);
        }
        return numbers;
    }
}
