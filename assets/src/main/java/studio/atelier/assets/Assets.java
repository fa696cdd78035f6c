package studio.atelier.assets;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/** The one way to the files in this module; every name is relative to this class's package, such as {@code web/chat.html}. */
public final class Assets {
    private Assets() {}

    /**
     * Where an asset lies.
     *
     * @throws IllegalArgumentException when nothing of that name is shipped
     */
    public static URL url(String name) {
        URL url = Assets.class.getResource(name);
        if (url == null) {
            throw new IllegalArgumentException("no asset is named \"" + name + "\"");
        }
        return url;
    }

    /** Whether an asset of that name is shipped. */
    public static boolean has(String name) {
        return Assets.class.getResource(name) != null;
    }

    /**
     * An asset's bytes, as a stream that the caller closes.
     *
     * @throws IOException when it can't be read
     */
    public static InputStream open(String name) throws IOException {
        return url(name).openStream();
    }

    /**
     * An asset's text, read as UTF-8.
     *
     * @throws IOException when it can't be read
     */
    public static String text(String name) throws IOException {
        try (InputStream in = open(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The version of the program, such as {@code 0.1.0}. */
    public static String version() {
        try {
            return text("version.txt").strip();
        } catch (IOException e) {
            throw new IllegalStateException("the build left out version.txt", e);
        }
    }

    /**
     * What people type in the terminal before a command's name, such as {@code atelier}: the system property {@code
     * atelier.command}, which installed programs start with, or the script of the sources.
     */
    public static String command() {
        return System.getProperty("atelier.command", "./studio");
    }
}
