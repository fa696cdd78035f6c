package studio.atelier.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import studio.atelier.engine.backend.ffi.AppleLibraries;
import studio.atelier.engine.backend.ffi.MetalDevice;
import studio.atelier.engine.backend.ffi.MetalException;

/**
 * Lets the GPU be used only where it was seen to compute rightly: at the first use, and again after an update of the
 * system or of Atelier, the {@link SelfTest} runs in a program of its own, which may crash or hang without harm. What came
 * out is kept in a file. Any thread; methods may take as long as the test.
 */
public final class GpuTrial {
    private static final System.Logger LOGGER = System.getLogger(GpuTrial.class.getName());
    private static final String FILE = "gpu-selftest.json";

    /** Starts a program that tests the GPU and writes its {@link SelfTest.Report} as JSON into a file. */
    @FunctionalInterface
    public interface Starter {
        Process start(Path reportFile) throws IOException;
    }

    private final Path folder;
    private final Path file;
    private final String version;
    private final Duration deadline;
    private final Starter starter;

    /**
     * @param folder where the outcome is kept
     * @param version of Atelier
     * @param deadline for the whole test
     */
    public GpuTrial(Path folder, String version, Duration deadline, Starter starter) {
        this.folder = folder;
        this.file = folder.resolve(FILE);
        this.version = version;
        this.deadline = deadline;
        this.starter = starter;
    }

    /**
     * What {@link BackendChoice#AUTOMATIC} means here: the GPU where it has passed, else the processor. Other choices stand.
     *
     * @param told a sentence, when there is a GPU that may not be used; only when that was found out now
     */
    public synchronized BackendChoice choose(BackendChoice asked, Consumer<String> told) {
        if (asked != BackendChoice.AUTOMATIC) {
            return asked;
        }
        if (!AppleLibraries.present()) {
            return BackendChoice.CPU;
        }
        String device = device();
        Optional<SelfTest.Report> kept = kept(device);
        SelfTest.Report report = kept.orElseGet(() -> test(device));
        if (kept.isEmpty() && !report.passed()) {
            told.accept(
                    "The GPU " + device + " is not used: " + report.failures().getFirst());
        }
        return report.passed() ? BackendChoice.METAL : BackendChoice.CPU;
    }

    private static String device() {
        try (MetalDevice device = MetalDevice.systemDefault()) {
            return device.name();
        } catch (MetalException | LinkageError | IllegalArgumentException e) {
            return "without a name (" + e.getMessage() + ")";
        }
    }

    private static String system() {
        return System.getProperty("os.name", "") + " " + System.getProperty("os.version", "");
    }

    /** What came out earlier, when nothing has changed since. */
    private Optional<SelfTest.Report> kept(String device) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonNode all = new ObjectMapper().readTree(file.toFile());
            boolean same = all.path("system").asText().equals(system())
                    && all.path("program").asText().equals(version)
                    && all.path("device").asText().equals(device);
            return same && all.get("report") instanceof ObjectNode report ? reportOf(report) : Optional.empty();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "The GPU is tested again: " + file + " can't be read.", e);
            return Optional.empty();
        }
    }

    private SelfTest.Report test(String device) {
        SelfTest.Report report;
        try {
            Path answer = Files.createTempFile("atelier-selftest", ".json");
            try {
                report = outcome(starter.start(answer), answer);
            } finally {
                Files.deleteIfExists(answer);
            }
        } catch (IOException e) {
            report = failed("Its test could not be run: " + e.getMessage() + ".");
        }
        keep(device, report);
        return report;
    }

    private SelfTest.Report outcome(Process process, Path answer) throws IOException {
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                return failed("Its test did not end within " + deadline.toSeconds() + " seconds.");
            }
            Optional<SelfTest.Report> report =
                    Files.size(answer) == 0 ? Optional.empty() : reportOf(new ObjectMapper().readTree(answer.toFile()));
            return report.orElseGet(
                    () -> failed("Its test ended with code " + process.exitValue() + " in the middle."));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed("Its test was interrupted.");
        } finally {
            process.destroyForcibly();
        }
    }

    private static SelfTest.Report failed(String why) {
        return new SelfTest.Report("no usable GPU", 0, List.of(why));
    }

    private void keep(String device, SelfTest.Report report) {
        if (Thread.currentThread().isInterrupted()) {
            return;
        }
        ObjectNode all = new ObjectMapper()
                .createObjectNode()
                .put("system", system())
                .put("program", version)
                .put("device", device);
        all.set("report", node(report));
        try {
            Files.createDirectories(folder);
            Path whole = file.resolveSibling(FILE + ".new");
            Files.writeString(whole, all.toPrettyString());
            Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "The GPU will be tested again: " + file + " can't be written.", e);
        }
    }

    /** A report for the program that waits for it. */
    public static String json(SelfTest.Report report) {
        return node(report).toPrettyString();
    }

    private static ObjectNode node(SelfTest.Report report) {
        ObjectNode json = new ObjectMapper()
                .createObjectNode()
                .put("device", report.device())
                .put("checks", report.checks());
        report.failures().forEach(json.putArray("failures")::add);
        return json;
    }

    private static Optional<SelfTest.Report> reportOf(JsonNode json) {
        if (!json.path("checks").isInt() || !json.path("failures").isArray()) {
            return Optional.empty();
        }
        List<String> failures = new ArrayList<>();
        json.path("failures").forEach(each -> failures.add(each.asText()));
        return Optional.of(new SelfTest.Report(
                json.path("device").asText(), json.path("checks").asInt(), List.copyOf(failures)));
    }
}
