package studio.atelier.engine.image;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large a picture is wanted.
 *
 * @param width in pixels, or its share of a ratio
 * @param height in pixels, or its share of a ratio
 * @param ratio whether only the form is wanted and the model chooses the pixels
 */
public record PictureSize(int width, int height, boolean ratio) {
    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,5})\\s*([:x×])\\s*(\\d{1,5})");

    public static final PictureSize SQUARE = new PictureSize(1, 1, true);

    public PictureSize {
        if (width < 1 || height < 1 || width > 64 * (long) height || height > 64 * (long) width) {
            throw new IllegalArgumentException(
                    "size: expected sides of at least 1 and a ratio of at most 64, got " + width + " × " + height);
        }
        if (!ratio) {
            Picture.checkSize(width, height);
        }
    }

    /** Of {@code 16:9} or {@code 640x480}; empty when it is neither. */
    public static Optional<PictureSize> parse(String text) {
        Matcher matcher = WRITTEN.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new PictureSize(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(3)),
                matcher.group(2).equals(":")));
    }

    @Override
    public String toString() {
        return ratio ? width + ":" + height : width + " × " + height;
    }
}
