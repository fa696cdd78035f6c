package studio.atelier.installers;

import java.util.List;
import java.util.Locale;

/**
 * The system that packages are made on and for; jpackage can't make those of another.
 *
 * @param packages jpackage's types, in the order they are made
 * @param nativeFolder where sqlite-jdbc keeps this system's library, such as {@code Linux/x86_64}
 */
record TargetSystem(Kind kind, List<String> packages, String nativeFolder) {
    enum Kind {
        LINUX,
        MACOS,
        WINDOWS
    }

    static TargetSystem ofThisMachine() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    /**
     * By Java's names.
     *
     * @throws IllegalArgumentException for a system that has no packages
     */
    static TargetSystem of(String system, String processor) {
        String name = system.toLowerCase(Locale.ROOT);
        String folder = processor.equals("aarch64") ? "aarch64" : "x86_64";
        if (name.startsWith("linux")) {
            return new TargetSystem(Kind.LINUX, List.of("deb", "rpm"), "Linux/" + folder);
        }
        if (name.startsWith("mac")) {
            return new TargetSystem(Kind.MACOS, List.of("dmg", "pkg"), "Mac/" + folder);
        }
        if (name.startsWith("windows")) {
            return new TargetSystem(Kind.WINDOWS, List.of("msi"), "Windows/" + folder);
        }
        throw new IllegalArgumentException("packages: expected Linux, macOS or Windows, got " + system);
    }

    /** What people type in the terminal to start the installed program. */
    String command() {
        return switch (kind) {
            case LINUX -> "atelier";
            case MACOS -> "/Applications/Atelier.app/Contents/MacOS/Atelier";
            case WINDOWS -> "atelier-cli";
        };
    }

    /** Whether a file in a jar is a library of this kind of system. */
    boolean isLibrary(String name) {
        return switch (kind) {
            case LINUX -> name.endsWith(".so");
            case MACOS -> name.endsWith(".dylib");
            case WINDOWS -> name.endsWith(".dll");
        };
    }

    /** Whether a file in a jar is a library of any system. */
    static boolean isAnyLibrary(String name) {
        return name.endsWith(".so") || name.endsWith(".dylib") || name.endsWith(".dll");
    }
}
