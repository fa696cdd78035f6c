package studio.atelier.installers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What starts the program on Linux, in place of jpackage's launcher. That one asks the system's package managers twice
 * which package it belongs to before it starts Java, tenths of a second where nothing is wrong and seconds on a slow disk.
 * This one is a shell script with the same class path and the same options, taken from jpackage's configuration.
 */
final class LinuxLauncher {
    private static final String CLASS_PATH = "app.classpath=";
    private static final String MAIN_CLASS = "app.mainclass=";
    private static final String OPTION = "java-options=";
    private static final String FOLDER = "$APPDIR";
    /** Java under the program's name, which is what lists of processes then show. */
    private static final String JAVA = "lib/runtime/bin/Atelier";

    private LinuxLauncher() {}

    /**
     * Puts the script where jpackage's launcher was.
     *
     * @param image the program's folder, with {@code bin}, {@code lib/app} and {@code lib/runtime}
     * @throws IOException when the configuration lacks the class to start or files can't be written
     */
    static void replace(Path image) throws IOException {
        Path java = image.resolve(JAVA);
        Files.deleteIfExists(java);
        Files.createSymbolicLink(java, Path.of("java"));
        Path launcher = image.resolve("bin/Atelier");
        Files.delete(launcher);
        Files.writeString(launcher, script(Files.readAllLines(image.resolve("lib/app/Atelier.cfg"))));
        if (!launcher.toFile().setExecutable(true, false)) {
            throw new IOException(launcher + " can't be made executable.");
        }
    }

    /** The script for a configuration of jpackage's. */
    static String script(List<String> configuration) throws IOException {
        List<String> options = new ArrayList<>();
        List<String> classPath = new ArrayList<>();
        String mainClass = "";
        for (String line : configuration) {
            if (line.startsWith(OPTION)) {
                options.add(quoted(line.substring(OPTION.length())));
            } else if (line.startsWith(CLASS_PATH)) {
                classPath.add(line.substring(CLASS_PATH.length()).replace(FOLDER, "$app"));
            } else if (line.startsWith(MAIN_CLASS)) {
                mainClass = line.substring(MAIN_CLASS.length());
            }
        }
        if (mainClass.isEmpty() || classPath.isEmpty()) {
            throw new IOException("jpackage's configuration names no class path or no class to start.");
        }
        return """
                #!/bin/sh
                # Starts Atelier with the Java it came with.
                root=$(readlink -f "$0")
                root=${root%%/bin/*}
                app=$root/lib/app
                unset JDK_JAVA_OPTIONS
                exec "$root/%s" \\
                    %s \\
                    -cp "%s" \\
                    %s "$@"
                """.formatted(JAVA, String.join(" \\\n    ", options), String.join(":", classPath), mainClass);
    }

    /** An option as the shell reads it; only the program's folder is filled in. */
    private static String quoted(String option) throws IOException {
        if (option.matches(".*[\"`\\\\].*")) {
            throw new IOException("The option " + option + " can't be written into a script.");
        }
        return '"' + option.replace(FOLDER, "\0").replace("$", "\\$").replace("\0", "$app") + '"';
    }
}
