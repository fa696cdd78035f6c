package studio.atelier.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.assets.Assets;

final class PageFilesTest {
    private static String read(String address) throws IOException {
        URLConnection connection = URI.create(address).toURL().openConnection();
        try (InputStream in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void servesThePage() throws IOException {
        String page = read(PageFiles.START);
        assertTrue(page.contains("default-src 'none'"), "the page's policy is missing");
        assertEquals(
                "text/html; charset=utf-8",
                URI.create(PageFiles.START).toURL().openConnection().getContentType());
    }

    @Test
    void everyFileThatThePageNamesIsThere() throws IOException {
        for (String file : new String[] {"chat.html", "chat.css", "katex/katex.min.css"}) {
            String folder = file.contains("/") ? file.substring(0, file.lastIndexOf('/') + 1) : "";
            Matcher names =
                    Pattern.compile("(?:src=\"|href=\"(?!#)|url\\()([^\")]+)").matcher(Assets.text("web/" + file));
            int found = 0;
            while (names.find()) {
                found++;
                read("atelier://page/" + folder + names.group(1));
            }
            assertTrue(found > 3, file + " names only " + found + " files");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "atelier://page/../theme/atelier.css",
                "atelier://page/%2e%2e/theme/atelier.css",
                "atelier://page//chat.html",
                "atelier://page/",
                "atelier://page/missing.js",
                "atelier://page/highlight/LICENSE",
                "atelier://other/chat.html"
            })
    void servesNothingElse(String address) {
        assertThrows(FileNotFoundException.class, () -> read(address));
    }

    @Test
    void coloursAreThoseOfTheWindow() {
        assertEquals("#ffffff", PageTheme.LIGHT.background());
        assertEquals("#1c1c1e", PageTheme.DARK.background());
        assertEquals(
                PageTheme.LIGHT.colours().keySet(), PageTheme.DARK.colours().keySet());
    }

    @Test
    void everyColourThatThePageUsesIsGiven() throws IOException {
        String css = Assets.text("web/chat.css");
        Matcher used = Pattern.compile("var\\(--([a-z-]+)\\)").matcher(css);
        while (used.find()) {
            String name = used.group(1);
            assertTrue(
                    PageTheme.LIGHT.colours().containsKey(name) || css.contains("  --" + name + ":"),
                    "nobody gives --" + name);
        }
    }
}
