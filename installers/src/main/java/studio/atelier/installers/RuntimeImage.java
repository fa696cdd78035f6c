package studio.atelier.installers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Java that has what the program needs and nothing else, linked from the JDK that runs the build. */
final class RuntimeImage {
    /** What jdeps can't see: dates in Chinese, asked for by name. */
    private static final List<String> BY_NAME = List.of("jdk.localedata");

    /**
     * Pictures of documentation, and messages in languages that the program does not speak. More can't be left out: jlink
     * refuses a module that lacks a whole package.
     */
    private static final List<String> UNREAD = List.of(
            "regex:/java\\.desktop/.*/doc-files/.*",
            "regex:/java\\.(base|desktop|logging|xml)/.*_(de|es|fr|it|ja|ko|pt_BR|sv|zh_HK|zh_TW)(\\$.*)?\\.(class|properties)");

    /** Files of a linked Java that only other programs would use. */
    private static final List<String> UNUSED_FILES =
            List.of("libjsound.so", "libsplashscreen.so", "classlist", "jrt-fs.jar", "jexec");

    private RuntimeImage() {}

    /** The modules that the jars use, as jdeps finds them in their classes, and those asked for by name. */
    static List<String> modules(List<Path> jars) throws IOException {
        String path = jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        List<String> arguments = new ArrayList<>(
                List.of("--multi-release", "25", "--ignore-missing-deps", "--print-module-deps", "--class-path", path));
        jars.forEach(jar -> arguments.add(jar.toString()));
        String[] lines = Tools.jdk("jdeps", arguments).strip().split("\\R");
        TreeSet<String> modules = new TreeSet<>(List.of(lines[lines.length - 1].split(",")));
        modules.addAll(BY_NAME);
        return List.copyOf(modules);
    }

    /** Links it into a folder that is not there yet. */
    static void link(List<String> modules, Path folder) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--add-modules",
                String.join(",", modules),
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--compress",
                VectorModule.COMPRESSION,
                "--exclude-resources",
                String.join(",", UNREAD),
                "--include-locales",
                "en,zh-CN",
                "--output",
                folder.toString()));
        Tools.jdk("jlink", arguments);
        if (modules.contains("jdk.incubator.vector") && !VectorModule.unmark(folder)) {
            System.out.println("installers: this JDK's vector module stays marked; the program will start more slowly");
        }
    }

    /** Takes out files that are not used, and the symbols of functions that nobody calls by name: five megabytes. */
    static void strip(Path folder) throws IOException {
        for (String name : UNUSED_FILES) {
            Files.deleteIfExists(folder.resolve("lib").resolve(name));
        }
        List<String> command = new ArrayList<>(List.of("strip", "--strip-unneeded"));
        command.addAll(libraries(folder));
        Tools.system(folder, 2, command);
    }

    private static List<String> libraries(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".so"))
                    .map(file -> file.toAbsolutePath().toString())
                    .toList();
        }
    }
}
