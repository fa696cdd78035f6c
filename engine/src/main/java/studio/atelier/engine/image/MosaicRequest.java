package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * What the starter model is asked for, in its own words.
 *
 * @param form of the picture
 * @param width in pixels
 * @param height in pixels
 * @param source the plan of the picture that is changed
 * @param brushed places of the groups in it that were painted over and are meant; empty when the words say what is meant
 * @param instructions one for a new picture, one or more for a change; colours are {@code #rrggbb}
 */
record MosaicRequest(
        String form,
        int width,
        int height,
        Optional<MosaicPlan> source,
        Set<Integer> brushed,
        List<List<String>> instructions) {
    private static final int CELL_PIXELS = 64;
    private static final int MOST_SIDE = 4096;
    private static final int LEAST_SIDE = 32;
    private static final int MOST_WORDS = 110;

    MosaicRequest {
        brushed = Set.copyOf(brushed);
        instructions = List.copyOf(instructions);
    }

    /** Understands a request, or says in one sentence what can't be done. */
    static MosaicRequest of(PictureRequest request, MosaicLexicon lexicon) throws EngineException {
        MosaicRefusals say = new MosaicRefusals(request.prompt(), lexicon);
        Optional<MosaicPlan> source = source(request, lexicon, say);
        MosaicPrompt prompt = MosaicPrompt.read(request.prompt(), lexicon);
        if (!prompt.unknown().isEmpty()) {
            throw refused(say.unknown(prompt.unknown()));
        }
        List<List<String>> instructions = new ArrayList<>();
        if (source.isPresent()) {
            instructions.addAll(prompt.instructions(lexicon));
            background(request).ifPresent(instructions::add);
        } else {
            List<String> whole = new ArrayList<>(prompt.words());
            if (!whole.contains("background")) {
                background(request).ifPresent(whole::addAll);
            }
            instructions.add(whole);
        }
        String form = source.map(MosaicPlan::form)
                .orElseGet(() -> request.size()
                        .map(size -> lexicon.nearestForm(size.width(), size.height()))
                        .orElse("1:1"));
        MosaicLexicon.Form cells = lexicon.form(form);
        int width = cells.columns() * CELL_PIXELS;
        int height = cells.rows() * CELL_PIXELS;
        if (request.size().isPresent() && !request.size().get().ratio()) {
            width = request.size().get().width();
            height = request.size().get().height();
        }
        if (Math.max(width, height) > MOST_SIDE || Math.min(width, height) < LEAST_SIDE) {
            throw refused(say.size(width, height, LEAST_SIDE, MOST_SIDE));
        }
        Optional<MosaicBrush> brush = brush(request, source, say, lexicon);
        MosaicRequest made = new MosaicRequest(
                form,
                width,
                height,
                brush.map(MosaicBrush::plan).or(() -> source),
                brush.map(MosaicBrush::groups).orElse(Set.of()),
                instructions);
        made.check(say, lexicon);
        return made;
    }

    private static Optional<MosaicPlan> source(PictureRequest request, MosaicLexicon lexicon, MosaicRefusals say)
            throws EngineException {
        if (request.sources().isEmpty()) {
            return Optional.empty();
        }
        if (request.sources().size() > 1) {
            throw refused(say.oneSource(request.sources().size()));
        }
        Optional<MosaicPlan> plan =
                request.sources().getFirst().provenance().flatMap(p -> MosaicPlan.parse(p.plan(), lexicon));
        if (plan.isEmpty()) {
            throw refused(say.foreignSource());
        }
        return plan;
    }

    /** What was painted over; empty when nothing was given. */
    private static Optional<MosaicBrush> brush(
            PictureRequest request, Optional<MosaicPlan> source, MosaicRefusals say, MosaicLexicon lexicon)
            throws EngineException {
        if (request.retouch().isEmpty() || source.isEmpty()) {
            return Optional.empty();
        }
        Optional<PictureMask> mask = request.retouch().get().mask();
        if (mask.isEmpty() || request.retouch().get().sourceBias() > 0) {
            throw refused(say.sourceBias());
        }
        Picture picture = request.sources().getFirst().picture();
        Optional<MosaicBrush> brush = MosaicBrush.of(source.get(), picture, mask.get(), lexicon);
        if (brush.isEmpty()) {
            throw refused(say.brushedNothing());
        }
        return brush;
    }

    private static Optional<List<String>> background(PictureRequest request) {
        return switch (request.background()) {
            case Background.Automatic _ -> Optional.empty();
            case Background.Transparent _ -> Optional.of(List.of("none", "background"));
            case Background.Plain(int rgb) -> Optional.of(List.of(Colours.hex(rgb), "background"));
        };
    }

    private void check(MosaicRefusals say, MosaicLexicon lexicon) throws EngineException {
        List<String> all = instructions.stream().flatMap(List::stream).toList();
        if (all.size() > MOST_WORDS) {
            throw refused(say.long_(all.size(), MOST_WORDS));
        }
        boolean shapes = all.stream().anyMatch(lexicon.shapes()::contains);
        if (source.isEmpty() && !shapes && !all.contains("endword")) {
            throw refused(say.nothing());
        }
        if (instructions.isEmpty() || source.isPresent() && all.isEmpty()) {
            throw refused(say.nothing());
        }
        int most = Math.min(12, lexicon.form(form).columns());
        for (List<String> instruction : instructions) {
            checkLetters(instruction, most, say, lexicon);
        }
        if (source.isPresent()) {
            for (List<String> instruction : instructions) {
                if (brushed.isEmpty()) {
                    checkTarget(instruction, source.get(), say, lexicon);
                }
            }
        } else {
            int things = all.stream()
                    .mapToInt(word -> MosaicStep.number(word, 'n').orElse(0))
                    .sum();
            if (things > 20) {
                throw refused(say.tooMany(things));
            }
        }
    }

    private static void checkLetters(List<String> words, int most, MosaicRefusals say, MosaicLexicon lexicon)
            throws EngineException {
        int letters = 0;
        for (String word : words) {
            if (word.startsWith("l:")) {
                letters++;
                if (!lexicon.ids().containsKey(word)) {
                    throw refused(say.letter(word.substring(2)));
                }
            }
        }
        if (letters > most) {
            throw refused(say.letters(letters, most));
        }
    }

    /** What is to be changed must be there. */
    private static void checkTarget(List<String> words, MosaicPlan plan, MosaicRefusals say, MosaicLexicon lexicon)
            throws EngineException {
        boolean adds = words.contains("add");
        Optional<String> first =
                words.stream().filter(lexicon.shapes()::contains).findFirst();
        // "Turn all into hearts" and "replace everything with hearts" name what it becomes, "remove all hearts" and
        // "make
        // all hearts red" what is there.
        boolean becoming = words.contains("into") || words.contains("replace");
        boolean named = first.isPresent() && plan.count(first.get(), lexicon) > 0;
        boolean everything = words.contains("all") && !words.contains("remove") && becoming && !named;
        if (adds || everything || first.isEmpty()) {
            return;
        }
        int there = plan.count(first.get(), lexicon);
        if (there == 0) {
            throw refused(say.missing(first.get(), plan.shapes(lexicon)));
        }
        int gone = words.contains("remove")
                ? words.stream()
                        .flatMapToInt(word -> MosaicStep.number(word, 'n').stream())
                        .findFirst()
                        .orElse(0)
                : 0;
        if (gone > there) {
            throw refused(say.fewer(first.get(), there, gone));
        }
    }

    /**
     * The words of an instruction with names for its colours; colours that are new get the next ones.
     *
     * @param palette grows
     */
    static List<String> named(List<String> words, List<Integer> palette, MosaicRefusals say) throws EngineException {
        List<String> named = new ArrayList<>();
        for (String word : words) {
            OptionalInt rgb = word.startsWith("#") ? Colours.parse(word) : OptionalInt.empty();
            if (rgb.isEmpty()) {
                named.add(word);
                continue;
            }
            if (!palette.contains(rgb.getAsInt())) {
                palette.add(rgb.getAsInt());
            }
            if (palette.size() > MosaicPlan.MOST_COLOURS) {
                throw refused(say.colours(palette.size(), MosaicPlan.MOST_COLOURS));
            }
            named.add("c" + palette.indexOf(rgb.getAsInt()));
        }
        return named;
    }

    static EngineException refused(String sentence) {
        return new EngineException(Reason.REQUEST_UNSUPPORTED, sentence);
    }
}
