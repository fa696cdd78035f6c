package studio.atelier.app.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.assets.Assets;

/** The colours of the page: those of the window, read out of its style sheet so that they are written down once. */
public enum PageTheme {
    LIGHT("theme/atelier-light.css"),
    DARK("theme/atelier-dark.css");

    private final Map<String, String> colours;

    PageTheme(String sheet) {
        colours = read(sheet);
    }

    /** Names without their {@code -color-} and values as CSS writes them. */
    Map<String, String> colours() {
        return colours;
    }

    /** What stands behind the messages, also before the page is there. */
    String background() {
        return colours.getOrDefault("bg-default", "#ffffff");
    }

    private static Map<String, String> read(String sheet) {
        Map<String, String> found = new LinkedHashMap<>();
        try {
            // Not a constant: an enum's constants are made before its static fields.
            Pattern colour = Pattern.compile("-color-([a-z-]+):\\s*(#[0-9a-f]{3,8});");
            Matcher matcher = colour.matcher(Assets.text(sheet));
            while (matcher.find()) {
                found.put(matcher.group(1), matcher.group(2));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own file " + sheet + " can't be read", e);
        }
        return Map.copyOf(found);
    }
}
