package studio.atelier.engine.image;

/**
 * What an open model of pictures is.
 *
 * @param name for people
 * @param architecture such as "Janus-Pro"
 * @param backend for people: what computes it
 * @param edits whether it was made to change pictures; others do so by tricks, or not at all
 * @param transparency whether it draws transparency itself
 * @param masks whether it can be held to what was painted over with a brush
 */
public record PictureModelInfo(
        String name, String architecture, String backend, boolean edits, boolean transparency, boolean masks) {}
