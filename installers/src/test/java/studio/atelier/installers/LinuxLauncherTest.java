package studio.atelier.installers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class LinuxLauncherTest {
    private static final List<String> CONFIGURATION = List.of(
            "[Application]",
            "app.classpath=$APPDIR/first.jar",
            "app.mainclass=studio.atelier.app.Main",
            "app.classpath=$APPDIR/second.jar",
            "[JavaOptions]",
            "java-options=-Dplain=two words",
            "java-options=-Dcosts=$5",
            "java-options=-XX:AOTCache=$APPDIR/atelier.aot");

    @TempDir
    Path folder;

    @Test
    void startsJavaWithTheSameOptionsAndWhatWasTyped() throws Exception {
        Path image = image("a folder with $signs");
        Path link = Files.createSymbolicLink(
                folder.resolve("started by this"), image.resolve("bin/Atelier").toAbsolutePath());
        String app = image.resolve("lib/app").toRealPath().toString();

        assertEquals(
                List.of(
                        "-Dplain=two words",
                        "-Dcosts=$5",
                        "-XX:AOTCache=" + app + "/atelier.aot",
                        "-cp",
                        app + "/first.jar:" + app + "/second.jar",
                        "studio.atelier.app.Main",
                        "chat",
                        "what's \"that\", $HOME?"),
                said(link, "chat", "what's \"that\", $HOME?"));
    }

    @Test
    void refusesWhatItCanNotWrite() {
        IOException noClasses =
                assertThrows(IOException.class, () -> LinuxLauncher.script(List.of("app.mainclass=Main")));
        assertTrue(noClasses.getMessage().contains("no class path"), noClasses.getMessage());
        IOException quoted =
                assertThrows(IOException.class, () -> LinuxLauncher.script(List.of("java-options=-Dquoted=\"x\"")));
        assertTrue(quoted.getMessage().contains("-Dquoted"), quoted.getMessage());
    }

    /** A program's folder whose Java prints each of its arguments on a line. */
    private Path image(String name) throws IOException {
        Path image = folder.resolve(name);
        Path java = Files.createDirectories(image.resolve("lib/runtime/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.createDirectories(image.resolve("lib/app"));
        Files.write(image.resolve("lib/app/Atelier.cfg"), CONFIGURATION);
        Files.createDirectories(image.resolve("bin"));
        Files.writeString(image.resolve("bin/Atelier"), "jpackage's");
        LinuxLauncher.replace(image);
        return image;
    }

    private static List<String> said(Path program, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out.lines().toList();
    }
}
