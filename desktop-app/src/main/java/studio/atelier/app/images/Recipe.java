package studio.atelier.app.images;

import java.util.List;
import java.util.Optional;
import studio.atelier.engine.image.Background;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureSize;

/**
 * Everything that a person set for the next picture.
 *
 * @param prompt in the person's words
 * @param size its form
 * @param colours hex colours and what they are for
 * @param objects what is to be seen, and how often
 * @param background what is behind
 * @param backgroundColour the colour that is kept while another background is chosen, {@code 0xRRGGBB}
 * @param text to be read in the picture; may be empty
 * @param references pictures to follow
 * @param quality how much work goes into it
 * @param count how many pictures
 * @param seed the locked one; empty draws a new one each time
 */
public record Recipe(
        String prompt,
        PictureSize size,
        List<Colour> colours,
        List<Thing> objects,
        Background background,
        int backgroundColour,
        String text,
        List<Reference> references,
        Quality quality,
        int count,
        Optional<Long> seed) {
    /** As many pictures at once. */
    public static final int MOST_PICTURES = 8;

    /** As many of one object. */
    public static final int MOST_OBJECTS = 40;

    /** A text in a picture is at most as long. */
    public static final int MOST_TEXT = 24;

    /**
     * A colour.
     *
     * @param rgb {@code 0xRRGGBB}
     * @param what what has this colour, such as "hearts, text"
     */
    public record Colour(int rgb, String what) {}

    /** An object by its name, and how many of it. */
    public record Thing(String name, int count) {}

    /** A picture that is followed, by the name of its file. */
    public record Reference(String name, PictureFile file) {}

    public Recipe {
        colours = List.copyOf(colours);
        objects = List.copyOf(objects);
        references = List.copyOf(references);
    }

    /** What is set before anybody set anything. */
    public static Recipe usual() {
        return new Recipe(
                "",
                PictureSize.SQUARE,
                List.of(),
                List.of(),
                new Background.Automatic(),
                0xFFFFFF,
                "",
                List.of(),
                Quality.STANDARD,
                1,
                Optional.empty());
    }

    /** Whether there is nothing to draw. */
    public boolean isBlank() {
        return prompt.isBlank() && objects.isEmpty() && text.isBlank();
    }

    /** How many objects in all. */
    public int objectCount() {
        return objects.stream().mapToInt(Thing::count).sum();
    }

    public Recipe withPrompt(String value) {
        return new Recipe(
                value, size, colours, objects, background, backgroundColour, text, references, quality, count, seed);
    }

    public Recipe withSize(PictureSize value) {
        return new Recipe(
                prompt, value, colours, objects, background, backgroundColour, text, references, quality, count, seed);
    }

    public Recipe withColours(List<Colour> value) {
        return new Recipe(
                prompt, size, value, objects, background, backgroundColour, text, references, quality, count, seed);
    }

    public Recipe withObjects(List<Thing> value) {
        return new Recipe(
                prompt, size, colours, value, background, backgroundColour, text, references, quality, count, seed);
    }

    public Recipe withBackground(Background value) {
        int colour = value instanceof Background.Plain(int rgb) ? rgb : backgroundColour;
        return new Recipe(prompt, size, colours, objects, value, colour, text, references, quality, count, seed);
    }

    public Recipe withText(String value) {
        return new Recipe(
                prompt, size, colours, objects, background, backgroundColour, value, references, quality, count, seed);
    }

    public Recipe withReferences(List<Reference> value) {
        return new Recipe(
                prompt, size, colours, objects, background, backgroundColour, text, value, quality, count, seed);
    }

    public Recipe withQuality(Quality value) {
        return new Recipe(
                prompt, size, colours, objects, background, backgroundColour, text, references, value, count, seed);
    }

    public Recipe withCount(int value) {
        return new Recipe(
                prompt, size, colours, objects, background, backgroundColour, text, references, quality, value, seed);
    }

    public Recipe withSeed(Optional<Long> value) {
        return new Recipe(
                prompt, size, colours, objects, background, backgroundColour, text, references, quality, count, value);
    }
}
