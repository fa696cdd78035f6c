package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as people start it: help, refusals, exit codes. */
final class StudioTest {
    @TempDir
    Path folder;

    @Test
    void helpNamesEveryCommandAndEveryOption() {
        Ran help = Ran.with("", "help");
        assertEquals(0, help.code());
        for (Command command : Studio.COMMANDS) {
            assertTrue(help.out().contains("  " + command.name() + " "), command.name());
            Ran own = Ran.with("", "help", command.name());
            assertEquals(0, own.code());
            assertEquals(own, Ran.with("", command.name(), "--help"));
            for (Option option : command.options()) {
                assertTrue(own.out().contains(option.spelled()), option.spelled());
            }
            assertTrue(own.out().lines().allMatch(line -> line.length() <= 120), own.out());
        }
    }

    @Test
    void anUnknownCommandIsNamed() {
        Ran ran = Ran.with("", "brew");
        assertEquals(1, ran.code());
        assertEquals("There is no command \"brew\"; ./studio help lists those there are.\n", ran.err());
    }

    @Test
    void theProcessEndsWithOneAndOneSentence() throws Exception {
        Process process = Ran.program("C.UTF-8", folder, "chat", "--model", "没有", "x");
        process.getOutputStream().close();
        assertEquals("", read(process.getInputStream()));
        String said = withoutTheVirtualMachine(read(process.getErrorStream()));
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(1, process.exitValue());
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.startsWith("There is no folder 没有; "), said);
    }

    @Test
    void noClassOfTheWindowIsTouched() throws Exception {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + folder.resolve("classes.log"),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "studio.atelier.app.Main",
                        "help"))
                .start();
        assertTrue(read(process.getInputStream()).contains("studio COMMAND"));
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        List<String> loaded = java.nio.file.Files.readAllLines(folder.resolve("classes.log"));
        assertTrue(loaded.stream().anyMatch(line -> line.contains("studio.atelier.cli.Studio")));
        assertTrue(loaded.stream().noneMatch(line -> line.contains(" javafx.")), "a class of JavaFX was loaded");
    }

    private static String read(java.io.InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The studio script keeps these lines away. */
    private static String withoutTheVirtualMachine(String err) {
        return err.lines()
                .filter(line -> !line.startsWith("WARNING: "))
                .map(line -> line + "\n")
                .reduce("", String::concat);
    }
}
