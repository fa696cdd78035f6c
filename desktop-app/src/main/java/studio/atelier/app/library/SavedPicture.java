package studio.atelier.app.library;

import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * A picture that is kept: what is known of it without opening its file.
 *
 * @param id tells it from all others; 0 until it is kept
 * @param thread the pictures that were made from each other have one number, that of the first of them
 * @param parent the picture that it was made from
 * @param prompt what was asked for; of an edit, what was to change; of a file that came in, its name if it says nothing
 * @param model the model's name; empty when nobody knows
 * @param alpha how its transparency was made, in the words of the file
 * @param colours measured, as {@code #rrggbb}, the most frequent first
 * @param whole false when it was stopped on the way
 * @param seconds that it took; 0 when nobody drew it here
 * @param file its name in the folder of pictures
 */
public record SavedPicture(
        long id,
        long thread,
        OptionalLong parent,
        Origin origin,
        String prompt,
        String model,
        long seed,
        int width,
        int height,
        String alpha,
        List<String> colours,
        boolean whole,
        double seconds,
        String file,
        Instant madeAt) {
    /** How a picture came here. */
    public enum Origin {
        /** From words. */
        DRAWN,
        /** A model changed another picture. */
        EDITED,
        /** A model that can't change pictures drew it anew, from the old words and the new ones. */
        REDRAWN,
        /** The same request with another seed. */
        VARIED,
        /** A file that a person brought. */
        BROUGHT,
        /** A colour was moved onto the one that was asked for. */
        SNAPPED,
        /** Its plain background was taken away. */
        CUT_OUT
    }

    public SavedPicture {
        colours = List.copyOf(colours);
    }

    /** The same picture, as it is kept. */
    public SavedPicture keptAs(long number, long itsThread, Instant now) {
        return new SavedPicture(
                number, itsThread, parent, origin, prompt, model, seed, width, height, alpha, colours, whole, seconds,
                file, now);
    }
}
