package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureRequest;
import studio.atelier.engine.image.PictureSize;
import studio.atelier.engine.image.Provenance;

/**
 * One or several pictures of the same request, which differ in their seeds.
 *
 * @param request with everything but the seed
 * @param thread they belong to; 0 begins a new one
 * @param parent the picture they are made from
 * @param source the same picture's file
 * @param prompt what the person asked for, as the thread shows it
 * @param seed of the first
 * @param number of the one that is next, from 1
 * @param cutsOut whether their plain background is to be taken away
 */
record Order(
        PictureRequest request,
        long thread,
        OptionalLong parent,
        List<PictureFile> source,
        SavedPicture.Origin origin,
        String prompt,
        long seed,
        int number,
        int count,
        boolean cutsOut) {
    /** The request for the next picture. */
    PictureRequest next() {
        return request.withSeed(currentSeed());
    }

    long currentSeed() {
        return seed + number - 1;
    }

    boolean isLast() {
        return number >= count;
    }

    /** Once more, in the thread that the first picture began. */
    Order following(long itsThread) {
        return new Order(request, itsThread, parent, source, origin, prompt, seed, number + 1, count, cutsOut);
    }

    /** Width over height, as far as it is known before the picture is there. */
    double form() {
        if (!source.isEmpty() && request.size().isEmpty()) {
            return (double) source.getFirst().picture().width()
                    / source.getFirst().picture().height();
        }
        PictureSize size = request.size().orElse(PictureSize.SQUARE);
        return (double) size.width() / size.height();
    }

    /** The picture with what it came from written into its story. */
    PictureFile told(PictureFile made, String parentFile) {
        if (made.provenance().isEmpty() || source.isEmpty()) {
            return made;
        }
        List<String> edits = new ArrayList<>();
        source.getFirst().provenance().ifPresent(before -> {
            edits.addAll(before.edits());
            edits.add(before.prompt());
        });
        Provenance story = made.provenance().get();
        return new PictureFile(made.picture(), java.util.Optional.of(story.from(parentFile, edits)));
    }
}
