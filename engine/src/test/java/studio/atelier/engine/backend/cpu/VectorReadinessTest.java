package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.tensor.DType;

/** Vector loops are ready once they are compiled, and never where nothing is. */
final class VectorReadinessTest {
    private static final int INTERPRETED_TRIES = 300;

    @ParameterizedTest
    @CsvSource({"-Xint, false", "-XX:+TieredCompilation, true"})
    void isReadyWhenCompiled(String option, String expected) throws Exception {
        assumeTrue(AffineCodes.isUsable(), "the vectors of this machine are too narrow to be used");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                option,
                "-cp",
                System.getProperty("java.class.path"),
                VectorReadinessTest.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
        assertEquals("false " + expected, printed.strip(), "at the first try and at the last");
    }

    /** The program: tries for as long as the compiler may take. */
    public static void main(String[] arguments) {
        VectorReadiness readiness = new VectorReadiness();
        boolean first = readiness.isReady(64, 4, DType.BF16);
        boolean compiles = !java.lang.management.ManagementFactory.getRuntimeMXBean()
                .getInputArguments()
                .contains("-Xint");
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        boolean last = first;
        for (int i = 0; compiles ? !last && System.nanoTime() < deadline : i < INTERPRETED_TRIES; i++) {
            last = readiness.isReady(64, 4, DType.BF16);
        }
        System.out.println(first + " " + last);
    }
}
