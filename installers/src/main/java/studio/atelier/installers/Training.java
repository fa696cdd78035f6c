package studio.atelier.installers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The run from which the packaged Java learns what the program loads when it starts (JEP 514): the window, its page and
 * the model that comes with it. It happens on the headless screen, with a data folder of its own, in the packaged program
 * itself, because what was learnt holds only for the same jars, Java and flags.
 */
final class Training {
    private static final long PATIENCE_SECONDS = 900;
    /** For the page and the model, which come after the window; a slower machine gets as long as the window took twice. */
    private static final long LEAST_NANOS_AFTER_WINDOW = TimeUnit.SECONDS.toNanos(12);

    private static final long MOST_NANOS_AFTER_WINDOW = TimeUnit.SECONDS.toNanos(60);

    private static final String LOG = "training.log";
    private static final String WINDOW_IS_THERE = "the window accepts typing";

    private final Path launcher;
    private final Path configuration;
    private final Path cache;

    /**
     * Trains one image.
     *
     * @param app the folder with the jars and the launcher's configuration
     */
    Training(Path launcher, Path app) {
        this.launcher = launcher;
        this.configuration = app.resolve("Atelier.cfg");
        this.cache = app.resolve("atelier.aot");
    }

    /**
     * Runs the program once and writes the cache.
     *
     * @param home an empty folder for what the program keeps
     * @throws IOException when the program does not start or leaves no cache
     */
    void run(Path home) throws IOException {
        String options = Files.readString(configuration);
        Files.writeString(
                configuration,
                options.replace("-XX:AOTCache=", "-XX:AOTCacheOutput=")
                        .replace(
                                "[JavaOptions]",
                                "[JavaOptions]\njava-options=-Dglass.platform=Headless\njava-options=-Dprism.order=sw"
                                        + "\njava-options=-Djava.util.logging.config.file=" + logging(home)));
        try {
            teach(home);
        } finally {
            Files.writeString(configuration, options);
        }
        if (!Files.exists(cache)) {
            throw new IOException("The training run left no " + cache.getFileName() + "; its words are in "
                    + home.resolve(LOG) + ".");
        }
    }

    /**
     * Whether Java starts with the cache, which it otherwise passes over in silence where something differs.
     *
     * @param launcher what starts the program
     */
    static boolean isUsed(Path launcher) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString(), "help")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("JAVA_TOOL_OPTIONS", "-XX:AOTMode=on");
        Process program = builder.start();
        try {
            return program.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && program.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Trying the start-up cache was interrupted.", e);
        } finally {
            program.destroyForcibly();
        }
    }

    /** Makes the program say when its window is there. */
    private static Path logging(Path home) throws IOException {
        return Files.writeString(home.resolve("logging.properties"), """
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=FINE
                studio.atelier.app.MainWindow.level=FINE
                """);
    }

    private void teach(Path home) throws IOException {
        Path data = Files.createDirectories(home.resolve("data"));
        // Without settings the program opens the model that comes with it, as it does for a person who is new.
        ProcessBuilder builder = new ProcessBuilder(List.of(launcher.toString())).redirectErrorStream(true);
        builder.environment().put("ATELIER_HOME", data.toString());
        builder.environment().put("HOME", home.toString());
        Process program = builder.start();
        CountDownLatch window = new CountDownLatch(1);
        Thread reader = Thread.startVirtualThread(() -> follow(program, home.resolve(LOG), window));
        long started = System.nanoTime();
        try {
            if (!window.await(PATIENCE_SECONDS, TimeUnit.SECONDS) || !program.isAlive()) {
                throw new IOException("The program showed no window in its training run; its words are in "
                        + home.resolve(LOG) + ".");
            }
            long tookNanos = System.nanoTime() - started;
            TimeUnit.NANOSECONDS.sleep(Math.clamp(2 * tookNanos, LEAST_NANOS_AFTER_WINDOW, MOST_NANOS_AFTER_WINDOW));
            // The handle ends the program and leaves its output open: Java tells there how the cache came to be.
            program.toHandle().destroy();
            if (!program.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("The training run did not end within " + PATIENCE_SECONDS + " seconds.");
            }
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The training run was interrupted.", e);
        } finally {
            program.destroyForcibly();
        }
    }

    /** Keeps what the program says, and tells when its window is there, or that it never will be. */
    private static void follow(Process program, Path log, CountDownLatch window) {
        try (BufferedReader lines = program.inputReader();
                PrintWriter kept = new PrintWriter(Files.newBufferedWriter(log), true)) {
            String line;
            while ((line = lines.readLine()) != null) {
                kept.println(line);
                if (line.contains(WINDOW_IS_THERE)) {
                    window.countDown();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            window.countDown();
        }
    }
}
