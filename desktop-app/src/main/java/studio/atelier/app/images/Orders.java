package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.image.Background;
import studio.atelier.engine.image.Colours;
import studio.atelier.engine.image.Picture;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureMask;
import studio.atelier.engine.image.PictureModelInfo;
import studio.atelier.engine.image.PictureRequest;
import studio.atelier.engine.image.PictureSize;
import studio.atelier.engine.image.Provenance;
import studio.atelier.engine.image.Retouch;

/** Makes what a person set into requests that a model can follow, and what a file says into what a person set. */
final class Orders {
    /** Forms that can be chosen. */
    static final List<PictureSize> FORMS = List.of(
            PictureSize.SQUARE,
            new PictureSize(4, 3, true),
            new PictureSize(3, 4, true),
            new PictureSize(16, 9, true),
            new PictureSize(9, 16, true));

    /** Seeds a person can read out and type again. */
    private static final long SEEDS = 1L << 31;

    private static final int WHITE = 0xFFFFFF;
    private static final int COLOURS = 8;

    /** Farther colours are others, not the same one that came out wrong (ΔE 1976). */
    private static final double SNAP_DISTANCE = 20;

    private Orders() {}

    /** A new picture, or several. */
    static Order drawing(Recipe recipe, PictureModelInfo model) throws Refusal {
        if (recipe.isBlank()) {
            throw new Refusal(Trouble.of("images.trouble.nothing"));
        }
        String words = RecipeWords.of(recipe);
        List<PictureFile> references =
                recipe.references().stream().map(Recipe.Reference::file).toList();
        boolean cutsOut = cutsOut(recipe.background(), model);
        PictureRequest request = request(words)
                .withSize(recipe.size())
                .withBackground(cutsOut ? new Background.Plain(WHITE) : recipe.background())
                .withSources(references);
        return new Order(
                recipe.quality().applied(request, model),
                0,
                OptionalLong.empty(),
                List.of(),
                SavedPicture.Origin.DRAWN,
                words,
                recipe.seed().orElseGet(Orders::anySeed),
                1,
                recipe.count(),
                cutsOut);
    }

    /**
     * A change of a picture; by models that can't change any, the old words and the new ones drawn anew.
     *
     * @param mask what was painted over; only models that take one get one
     */
    static Order changing(
            SavedPicture from,
            PictureFile file,
            String words,
            List<Recipe.Reference> references,
            Optional<PictureMask> mask,
            PictureModelInfo model)
            throws Refusal {
        List<PictureFile> sources = new ArrayList<>();
        String whole = words;
        boolean changes = model.edits() || mask.isPresent();
        if (changes) {
            sources.add(file);
            references.forEach(reference -> sources.add(reference.file()));
        } else {
            whole = file.provenance().map(before -> before.prompt() + ", ").orElse("") + words;
        }
        PictureRequest request = request(whole).withSources(sources);
        if (mask.isPresent()) {
            request = request.withRetouch(Retouch.within(mask.get()));
        }
        return new Order(
                request,
                from.thread(),
                OptionalLong.of(from.id()),
                List.of(file),
                changes ? SavedPicture.Origin.EDITED : SavedPicture.Origin.REDRAWN,
                words,
                file.provenance().map(Provenance::seed).orElseGet(Orders::anySeed),
                1,
                1,
                false);
    }

    /**
     * The same again with other seeds.
     *
     * @param file the parent's when there is one, the picture's own otherwise
     */
    static Order variation(
            SavedPicture picture,
            PictureFile file,
            Optional<SavedPicture> parent,
            Recipe recipe,
            PictureModelInfo model)
            throws Refusal {
        String words = parent.isPresent()
                ? picture.prompt()
                : file.provenance().map(Provenance::prompt).orElse(picture.prompt());
        PictureRequest request = request(words);
        if (parent.isPresent()) {
            request = request.withSources(List.of(file));
        } else {
            request = request.withSize(form(picture.width(), picture.height()));
            if (model.transparency() && !file.picture().opaque()) {
                request = request.withBackground(new Background.Transparent());
            }
        }
        return new Order(
                request,
                picture.thread(),
                picture.parent(),
                parent.isPresent() ? List.of(file) : List.of(),
                SavedPicture.Origin.VARIED,
                picture.prompt(),
                anySeed(),
                1,
                recipe.count(),
                false);
    }

    /** The same order, with no picture to follow. */
    static Order last(Order order) {
        return new Order(
                order.request(),
                order.thread(),
                order.parent(),
                order.source(),
                order.origin(),
                order.prompt(),
                order.seed(),
                order.number(),
                order.number(),
                order.cutsOut());
    }

    private static PictureRequest request(String words) throws Refusal {
        if (words.length() > PictureRequest.MOST_CHARACTERS) {
            throw new Refusal(Trouble.of(
                    "images.trouble.long",
                    String.valueOf(words.length()),
                    String.valueOf(PictureRequest.MOST_CHARACTERS)));
        }
        return PictureRequest.of(words);
    }

    private static long anySeed() {
        return ThreadLocalRandom.current().nextLong(SEEDS);
    }

    private static boolean cutsOut(Background background, PictureModelInfo model) {
        return background instanceof Background.Transparent && !model.transparency();
    }

    /** The nearest form that can be chosen. */
    static PictureSize form(int width, int height) {
        double wanted = Math.log((double) width / height);
        return FORMS.stream()
                .min(Comparator.comparingDouble(
                        form -> Math.abs(Math.log((double) form.width() / form.height()) - wanted)))
                .orElse(PictureSize.SQUARE);
    }

    /** What a file says of how it was made, set again; everything else as it is. */
    static Recipe recipe(Recipe now, Provenance story) {
        String first = story.edits().isEmpty() ? story.prompt() : story.edits().getFirst();
        return now.withPrompt(first)
                .withSeed(Optional.of(story.seed()))
                .withSize(story.width() > 0 && story.height() > 0 ? form(story.width(), story.height()) : now.size())
                .withObjects(List.of())
                .withColours(List.of())
                .withText("")
                .withBackground(
                        story.alpha().equals("none") || story.alpha().isEmpty()
                                ? new Background.Automatic()
                                : now.background());
    }

    /** With a colour that came out almost right made exact. */
    static PictureFile snapped(PictureFile file, int rgb) {
        Picture picture = Colours.snap(file.picture(), rgb, SNAP_DISTANCE);
        return changed(file, picture, file.provenance().map(Provenance::alpha).orElse("none"));
    }

    /** Without its plain background; the same file when that isn't plain. */
    static PictureFile cutOut(PictureFile file) {
        return CutOut.of(file.picture())
                .map(cut -> changed(file, cut, "cut out"))
                .orElse(file);
    }

    private static PictureFile changed(PictureFile file, Picture picture, String alpha) {
        List<String> measured = Colours.measure(picture, COLOURS).stream()
                .map(colour -> Colours.hex(colour.rgb()))
                .toList();
        return new PictureFile(picture, file.provenance().map(story -> story.changed(alpha, measured)));
    }
}
