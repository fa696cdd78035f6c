package studio.atelier.engine.backend.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the Objective-C runtime and the Metal framework lie. On macOS in the system; elsewhere one library named by the
 * environment variable {@code ATELIER_METAL}, or the system property {@code atelier.metal}, may stand for both.
 */
public final class AppleLibraries {
    private static final String RUNTIME = "/usr/lib/libobjc.A.dylib";
    private static final String METAL = "/System/Library/Frameworks/Metal.framework/Metal";

    /** Without it the system's default device is missing in programs that have no window yet. */
    private static final String GRAPHICS = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics";

    private AppleLibraries() {}

    /** The stand-in that a person or a test named. */
    public static Optional<Path> standIn() {
        String property = System.getProperty("atelier.metal", "");
        String named = property.isEmpty() ? System.getenv().getOrDefault("ATELIER_METAL", "") : property;
        return named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named));
    }

    /** Whether there is something to load: macOS, or a stand-in. */
    public static boolean present() {
        return standIn().map(Files::isRegularFile).orElseGet(AppleLibraries::isMac);
    }

    /** Whether this is macOS. */
    public static boolean isMac() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac");
    }

    /** The functions of both, for as long as the program runs. */
    static SymbolLookup open() {
        Optional<Path> standIn = standIn();
        List<String> paths = standIn.map(path -> List.of(path.toString())).orElse(List.of(GRAPHICS, RUNTIME, METAL));
        SymbolLookup all = name -> Optional.empty();
        for (String path : paths) {
            all = all.or(SymbolLookup.libraryLookup(path, Arena.global()));
        }
        return all;
    }
}
