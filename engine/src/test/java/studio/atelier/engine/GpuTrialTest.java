package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.metal.Simulator;

/** Whether the GPU may be used: its test in a program of its own, which passes, fails, crashes or hangs. */
final class GpuTrialTest {
    private static final SelfTest.Report GOOD = new SelfTest.Report("Metal, a GPU", 3, List.of());

    @TempDir
    private Path folder;

    private final List<String> told = new ArrayList<>();
    private int started;

    @BeforeEach
    void aGpu() throws Exception {
        Simulator.with("");
    }

    private BackendChoice choose(String version, int deadlineSeconds, GpuTrial.Starter starter) {
        GpuTrial trial = new GpuTrial(folder, version, Duration.ofSeconds(deadlineSeconds), file -> {
            started++;
            return starter.start(file);
        });
        return trial.choose(BackendChoice.AUTOMATIC, told::add);
    }

    private static Process shell(String script, Path file) throws IOException {
        return new ProcessBuilder("sh", "-c", script, "sh", file.toString()).start();
    }

    private static Process passing(Path file) throws IOException {
        Files.writeString(file, GpuTrial.json(GOOD));
        return shell("exit 0", file);
    }

    @Test
    void theGpuIsUsedOnceItHasPassed() {
        assertEquals(BackendChoice.METAL, choose("1", 60, GpuTrialTest::passing));
        assertEquals(BackendChoice.METAL, choose("1", 60, GpuTrialTest::passing));
        assertEquals(1, started, "it was tested although nothing had changed");
        assertEquals(BackendChoice.METAL, choose("2", 60, GpuTrialTest::passing));
        assertEquals(2, started, "an update was not noticed");
        assertEquals(List.of(), told);
    }

    @Test
    void anotherSystemIsTestedAgain() {
        choose("1", 60, GpuTrialTest::passing);
        String before = System.getProperty("os.version");
        System.setProperty("os.version", before + ".1");
        try {
            assertEquals(BackendChoice.METAL, choose("1", 60, GpuTrialTest::passing));
            assertEquals(2, started);
        } finally {
            System.setProperty("os.version", before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "kill -9 $$, ended with code",
        "sleep 1000, did not end within 2 seconds",
        "'echo broken > \"$1\"', Its test",
    })
    void aProgramThatDiesOrHangsMeansTheProcessor(String script, String reason) {
        assertEquals(BackendChoice.CPU, choose("1", 2, file -> shell(script, file)));
        assertEquals(1, told.size());
        assertTrue(told.getFirst().contains(reason), told.getFirst());
        // It is not tried again, and not told again.
        assertEquals(BackendChoice.CPU, choose("1", 2, file -> shell(script, file)));
        assertEquals(1, started);
        assertEquals(1, told.size());
    }

    @Test
    void whatFailedIsNamed() {
        SelfTest.Report bad =
                new SelfTest.Report("Metal, a GPU", 3, List.of("product, BF16, 1 rows is off by 1.0e-01."));
        assertEquals(BackendChoice.CPU, choose("1", 60, file -> {
            Files.writeString(file, GpuTrial.json(bad));
            return shell("exit 1", file);
        }));
        assertTrue(told.getFirst().contains("product, BF16, 1 rows is off by 1.0e-01."), told.getFirst());
    }

    @Test
    void whatAPersonAskedForStands() {
        GpuTrial trial = new GpuTrial(folder, "1", Duration.ofSeconds(1), file -> {
            throw new IOException("nobody asked for a test");
        });
        assertEquals(BackendChoice.SCALAR, trial.choose(BackendChoice.SCALAR, told::add));
        assertEquals(BackendChoice.METAL, trial.choose(BackendChoice.METAL, told::add));
    }
}
