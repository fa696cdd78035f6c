package studio.atelier.installers;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes the packages of the system it runs on: jars and native libraries, a Java for them, the program's folder, the
 * start-up cache trained in it, and of all that what people install. Runs in the folder {@code installers}, after the jars
 * are made; what jpackage is told is in {@code src/jpackage}, one file for each system.
 */
public final class Packager {
    private static final Path TARGET = Path.of("target");
    private static final Path ICON = Path.of("../assets/src/main/resources/studio/atelier/assets/icon.svg");

    private final TargetSystem system = TargetSystem.ofThisMachine();
    private final String version;
    private final Instant stamp;

    private Packager(String version, Instant stamp) {
        this.version = version;
        this.stamp = stamp;
    }

    /**
     * Makes them.
     *
     * @param args version, time stamp of files, packages ({@code all} or a list such as {@code deb,rpm}; {@code image}
     *     for none), and where to look for updates, which may be missing
     */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        try {
            new Packager(args[0], Instant.parse(args[1])).make(args[2], args.length > 3 ? args[3] : "");
        } catch (IOException e) {
            // Those of the file system say the file alone.
            System.err.println("installers: " + (e instanceof FileSystemException ? e : e.getMessage()));
            System.exit(1);
        }
    }

    private void make(String packages, String updates) throws IOException {
        List<String> wanted =
                switch (packages) {
                    case "all" -> system.packages();
                    case "image" -> List.of();
                    default -> List.of(packages.split(","));
                };
        if (!system.packages().containsAll(wanted)) {
            throw new IOException("atelier.packages: expected all, image or some of "
                    + String.join(",", system.packages()) + ", got " + packages + ".");
        }
        NeededPrograms.check(system.kind(), wanted, System.getenv().getOrDefault("PATH", ""));
        Path app = fresh("app");
        List<ShippedJars.Jar> jars = ShippedJars.read(TARGET.resolve("shipped"));
        say("jars and native libraries");
        ApplicationFolder folder = new ApplicationFolder(app, system, stamp);
        for (ShippedJars.Jar jar : jars) {
            folder.add(jar);
        }
        Path icon = icons(app);
        new Licences(Path.of("..").toAbsolutePath().normalize()).gather(jars, app.resolve("licences"));
        List<String> modules = RuntimeImage.modules(jarsIn(app));
        say("Java with " + String.join(" ", modules));
        delete(TARGET.resolve("runtime"));
        RuntimeImage.link(modules, TARGET.resolve("runtime"));
        if (system.kind() == TargetSystem.Kind.LINUX) {
            RuntimeImage.strip(TARGET.resolve("runtime"));
        }
        Path image = image(icon, updates);
        say("training");
        new Training(launcher(image), image.resolve(appFolder()))
                .run(fresh("training").toAbsolutePath());
        if (system.kind() == TargetSystem.Kind.LINUX) {
            LinuxLauncher.replace(image);
        }
        if (!Training.isUsed(launcher(image))) {
            throw new IOException("The start-up cache was made but Java can't use it; see what " + launcher(image)
                    + " help says with JAVA_TOOL_OPTIONS=-XX:AOTMode=on.");
        }
        if (system.kind() == TargetSystem.Kind.MACOS) {
            Tools.system(Path.of("."), 10, List.of("src/jpackage/macos/sign", image.toString()));
        }
        if (!wanted.isEmpty()) {
            fresh("packages");
        }
        for (String type : wanted) {
            say(type);
            pack(type);
        }
        say("done: " + TARGET.toAbsolutePath().normalize());
    }

    /** PNG for the window and Linux, ICNS for macOS, ICO for Windows; returns the one for this system. */
    private Path icons(Path app) throws IOException {
        Path folder = fresh("icons");
        IconPictures pictures = new IconPictures(ICON.toUri().toURL());
        Files.write(app.resolve("atelier.png"), pictures.png(128));
        Path png = Files.write(folder.resolve("atelier.png"), pictures.png(512));
        Path icns = Files.write(folder.resolve("atelier.icns"), IconFiles.icns(pictures));
        Path ico = Files.write(folder.resolve("atelier.ico"), IconFiles.ico(pictures));
        return switch (system.kind()) {
            case LINUX -> png;
            case MACOS -> icns;
            case WINDOWS -> ico;
        };
    }

    private Path image(Path icon, String updates) throws IOException {
        fresh("image");
        List<String> arguments = new ArrayList<>(
                List.of("@src/jpackage/image.args", "--app-version", packageVersion(), "--icon", icon.toString()));
        arguments.addAll(List.of("--java-options", "-Datelier.command=" + system.command()));
        if (!updates.isBlank()) {
            arguments.addAll(List.of("--java-options", "-Datelier.updates=" + updates));
        }
        switch (system.kind()) {
            case LINUX -> {}
            case MACOS -> arguments.add("@src/jpackage/macos-image.args");
            case WINDOWS ->
                arguments.addAll(List.of("--add-launcher", "atelier-cli=src/jpackage/windows/cli.properties"));
        }
        Tools.jdk("jpackage", arguments);
        Path image =
                TARGET.resolve("image").resolve(system.kind() == TargetSystem.Kind.MACOS ? "Atelier.app" : "Atelier");
        if (system.kind() == TargetSystem.Kind.LINUX) {
            Files.copy(
                    Path.of("src/jpackage/linux/atelier"),
                    image.resolve("bin/atelier"),
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        return image;
    }

    private Path launcher(Path image) {
        return switch (system.kind()) {
            case LINUX -> image.resolve("bin/Atelier").toAbsolutePath();
            case MACOS -> image.resolve("Contents/MacOS/Atelier").toAbsolutePath();
            case WINDOWS -> image.resolve("Atelier.exe").toAbsolutePath();
        };
    }

    private String appFolder() {
        return switch (system.kind()) {
            case LINUX -> "lib/app";
            case MACOS -> "Contents/app";
            case WINDOWS -> "app";
        };
    }

    private void pack(String type) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--type", type, "--app-version", packageVersion()));
        switch (system.kind()) {
            case LINUX -> arguments.addAll(List.of("@src/jpackage/linux.args", "@src/jpackage/" + type + ".args"));
            case MACOS -> arguments.add("@src/jpackage/macos.args");
            case WINDOWS -> arguments.add("@src/jpackage/windows.args");
        }
        Tools.jdk("jpackage", arguments);
    }

    /** macOS refuses versions that begin with 0; until 1.0 its packages say 1. */
    private String packageVersion() {
        return system.kind() == TargetSystem.Kind.MACOS && version.startsWith("0.")
                ? "1" + version.substring(1)
                : version;
    }

    private static List<Path> jarsIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static Path fresh(String name) throws IOException {
        Path folder = TARGET.resolve(name);
        delete(folder);
        return Files.createDirectories(folder);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                deleteFile(file);
            }
        }
    }

    private static void deleteFile(Path file) throws IOException {
        try {
            Files.delete(file);
        } catch (AccessDeniedException e) {
            // Windows keeps files that can't be written; jlink and jpackage make some.
            file.toFile().setWritable(true);
            Files.delete(file);
        }
    }

    private static void say(String step) {
        System.out.println("installers: " + step);
    }
}
