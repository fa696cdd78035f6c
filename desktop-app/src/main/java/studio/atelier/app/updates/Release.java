package studio.atelier.app.updates;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A version that somebody published, as its version file says: {@code {"version": "1.2.0", "notes": {"en": …, "zh": …},
 * "page": "https://…"}}; notes may also be one text.
 *
 * @param notes what is new, in the reader's language where there is one
 * @param page where it can be had
 */
public record Release(String version, String notes, Optional<URI> page) {
    private static final Pattern VERSION = Pattern.compile("\\d{1,6}(\\.\\d{1,6}){0,3}");
    private static final int LONGEST_NOTES = 20_000;

    /**
     * Reads a version file.
     *
     * @param language such as {@code zh}
     * @throws IOException with one sentence when it is none
     */
    static Release parse(byte[] file, String language) throws IOException {
        JsonNode node;
        try {
            node = new ObjectMapper().readTree(file);
        } catch (JsonProcessingException e) {
            throw new IOException("The version file is not JSON; check the address.", e);
        }
        String version = node == null ? "" : node.path("version").asText();
        if (node == null || !VERSION.matcher(version).matches()) {
            throw new IOException("The version file names no version such as 1.2.0; check the address.");
        }
        JsonNode notes = node.path("notes");
        String text = notes.isTextual()
                ? notes.asText()
                : notes.path(language).asText(notes.path("en").asText());
        String shown = text.length() > LONGEST_NOTES ? text.substring(0, LONGEST_NOTES) : text;
        return new Release(version, shown.strip(), page(node.path("page").asText()));
    }

    private static Optional<URI> page(String text) {
        try {
            URI page = new URI(text);
            return "https".equals(page.getScheme()) && page.getHost() != null ? Optional.of(page) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Whether it is newer than a version such as {@code 0.10.1}; missing numbers count as 0. */
    public boolean isNewerThan(String other) {
        return Arrays.compare(numbers(version), numbers(other)) > 0;
    }

    private static int[] numbers(String version) {
        String plain = version.replaceFirst("-.*", "");
        int[] numbers = new int[4];
        if (VERSION.matcher(plain).matches()) {
            String[] parts = plain.split("\\.");
            for (int i = 0; i < parts.length; i++) {
                numbers[i] = Integer.parseInt(parts[i]);
            }
        }
        return numbers;
    }
}
