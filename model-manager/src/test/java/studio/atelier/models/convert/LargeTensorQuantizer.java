package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.models.hostile.GoldenHub;

/** A program that quantizes a folder and prints how much memory of its own that took at most, beyond a small model's. */
final class LargeTensorQuantizer {
    private LargeTensorQuantizer() {}

    public static void main(String[] arguments) throws Exception {
        Path scratch = Path.of(arguments[2]);
        // What classes, code and buffers take whatever the size is there before.
        quantize(arguments[0], GoldenHub.GOLDEN.resolve("qwen3_moe/hf"), scratch.resolve("small-" + arguments[0]));
        System.gc();
        try (OwnMemory memory = new OwnMemory()) {
            quantize(arguments[0], Path.of(arguments[1]), scratch.resolve("large-" + arguments[0]));
            System.out.println(memory.mostBytesMore());
        }
        System.exit(0);
    }

    private static void quantize(String how, Path source, Path target) throws Exception {
        if (how.equals("plain")) {
            QuantizeBenchmark.plain(source, target);
        } else {
            FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {});
        }
    }

    /** Runs it. */
    static long mostBytesMore(String how, Path source, Path scratch, List<String> options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector"));
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                LargeTensorQuantizer.class.getName(),
                how,
                source.toString(),
                scratch.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var says = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String printed = String.valueOf(says.readLine());
            assertEquals(0, process.waitFor(), printed);
            return Long.parseLong(printed);
        }
    }
}
