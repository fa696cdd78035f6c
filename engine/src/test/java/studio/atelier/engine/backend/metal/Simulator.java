package studio.atelier.engine.backend.metal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * The simulated Metal of {@code src/test/native/metalsim}, built when it is first asked for unless the system property
 * {@code atelier.metal} names one. Without its compiler tests
 * are skipped, but never on the machines that check every change.
 */
public final class Simulator {
    /** For commands that hang: long enough for those of a small model that do not, also on a busy machine. */
    static final Duration DEADLINE = Duration.ofSeconds(10);

    private static final String COMPILER = System.getenv().getOrDefault("ATELIER_METALSIM_CLANG", "clang++-19");
    private static Simulator only;

    private final MethodHandle configure;
    private final MethodHandle findingCount;
    private final MethodHandle finding;
    private final MethodHandle forget;
    private final MethodHandle liveObjects;
    private final MethodHandle encodedWhileBusy;
    private final MethodHandle wake;

    private Simulator(Path library) {
        System.setProperty("atelier.metal", library.toString());
        SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
        configure = function(symbols, "metalsim_configure", FunctionDescriptor.ofVoid(ADDRESS));
        findingCount = function(symbols, "metalsim_finding_count", FunctionDescriptor.of(JAVA_INT));
        finding = function(symbols, "metalsim_finding", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        forget = function(symbols, "metalsim_forget_findings", FunctionDescriptor.ofVoid());
        liveObjects = function(symbols, "metalsim_live_objects", FunctionDescriptor.of(JAVA_LONG));
        encodedWhileBusy = function(symbols, "metalsim_encoded_while_busy", FunctionDescriptor.of(JAVA_LONG));
        wake = function(symbols, "metalsim_wake", FunctionDescriptor.ofVoid());
    }

    private static MethodHandle function(SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(symbols.find(name).orElseThrow(), descriptor);
    }

    /** The simulator with these options on top of its defaults, and no findings yet. */
    public static synchronized Simulator with(String options) throws IOException, InterruptedException {
        String built = System.getProperty("atelier.metal", "");
        if (only == null && !built.isEmpty()) {
            only = new Simulator(Path.of(built));
        }
        if (only == null && !hasCompiler()) {
            if (System.getenv().getOrDefault("CI", "").equals("true")) {
                throw new AssertionError("The Metal path is not tested: " + COMPILER + " is missing.");
            }
            Assumptions.abort(
                    "The Metal path is not tested: " + COMPILER + " is missing (Debian: apt-get install clang-19).");
        }
        if (only == null) {
            only = new Simulator(build());
        }
        only.configure("reset," + options);
        only.forgetFindings();
        return only;
    }

    private static boolean hasCompiler() throws InterruptedException {
        try {
            return new ProcessBuilder(COMPILER, "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path build() throws IOException, InterruptedException {
        Path module = Path.of(System.getProperty("atelier.root", ".."), "engine");
        Process process = new ProcessBuilder(
                        module.resolve("src/test/native/metalsim/build.sh").toString(),
                        module.resolve("target/metalsim").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), "the simulator does not compile");
        return Path.of(output.strip());
    }

    /** Options as in the simulator's README. */
    public void configure(String options) {
        try (Arena arena = Arena.ofConfined()) {
            configure.invokeExact(arena.allocateFrom(options));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** What was noticed since it was last forgotten. */
    public List<String> findings() {
        try {
            List<String> all = new ArrayList<>();
            int count = (int) findingCount.invokeExact();
            for (int i = 0; i < count; i++) {
                all.add(((MemorySegment) finding.invokeExact(i))
                        .reinterpret(4096)
                        .getString(0));
            }
            return all;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    public void forgetFindings() {
        try {
            forget.invokeExact();
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Objects that were made and not freed. */
    public long liveObjects() {
        try {
            return (long) liveObjects.invokeExact();
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Dispatches that were encoded while the GPU was at work. */
    public long encodedWhileBusy() {
        try {
            return (long) encodedWhileBusy.invokeExact();
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Lets the command buffer that hung last go on. */
    public void wake() {
        try {
            wake.invokeExact();
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Nothing was noticed. */
    public void assertClean() {
        assertEquals(List.of(), findings());
    }
}
