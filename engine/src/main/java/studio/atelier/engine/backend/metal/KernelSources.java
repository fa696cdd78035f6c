package studio.atelier.engine.backend.metal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Where the text of a file of kernels comes from. */
@FunctionalInterface
interface KernelSources {
    /** The program's own. */
    KernelSources OWN = KernelSources::own;

    /** The text of {@code file.metal}. */
    String text(String file);

    /** A file of kernels behind what all share, numbered by its own lines. */
    default String withCommon(String file) {
        return "#line 1 \"common.metal\"\n" + text("common") + "#line 1 \"" + file + ".metal\"\n" + text(file);
    }

    private static String own(String file) {
        String name = file + ".metal";
        try (InputStream in = KernelSources.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The kernels " + name + " are missing from the program.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }
}
