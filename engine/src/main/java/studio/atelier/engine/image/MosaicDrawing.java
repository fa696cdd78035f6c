package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.models.Mosaic;

/**
 * A picture of the starter model: it writes a plan, several for several changes, then cell after cell from the top down.
 */
final class MosaicDrawing implements Drawing {
    private final Mosaic model;
    private final MosaicLexicon lexicon;
    private final String name;
    private final PictureRequest asked;
    private final MosaicRequest request;
    private final MosaicRefusals refusals;
    private final long seed;
    private final Trace trace;
    private final RandomGenerator random;
    private final MosaicLexicon.Form form;
    private MosaicPlan plan;
    private List<Integer> palette = List.of();
    private int instruction;
    private Optional<MosaicWriter> writer = Optional.empty();
    private Optional<MaskPainter> painter = Optional.empty();
    private int painted;
    private int shownRows;

    MosaicDrawing(Mosaic model, MosaicLexicon lexicon, String name, PictureRequest asked, long seed, Trace trace)
            throws EngineException {
        this.model = model;
        this.lexicon = lexicon;
        this.name = name;
        this.asked = asked;
        this.request = MosaicRequest.of(asked, lexicon);
        this.refusals = new MosaicRefusals(asked.prompt(), lexicon);
        this.seed = seed;
        this.trace = trace;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.form = lexicon.form(request.form());
        this.plan = request.source().orElseGet(() -> new MosaicPlan(request.form(), List.of(), List.of()));
    }

    @Override
    public boolean step() throws EngineException {
        if (writer.isEmpty()) {
            writer = Optional.of(begun());
            return true;
        }
        MosaicWriter own = writer.get();
        if (!own.planned()) {
            if (!own.writePlan()) {
                plan = new MosaicPlan(request.form(), palette, own.plan()).renamed();
                instruction++;
                if (instruction < request.instructions().size()) {
                    writer = Optional.empty();
                } else {
                    own.beginCells();
                    painter = Optional.of(newPainter(own.plan()));
                }
            }
            return true;
        }
        boolean more = own.writeCell();
        MaskPainter paint = painter.orElseThrow(() -> new IllegalStateException("the painter comes with the cells"));
        paint.paint(painted++, own.cells().getLast());
        if (!more) {
            paint.finish();
        }
        return more;
    }

    /** Reads the next instruction. */
    private MosaicWriter begun() throws EngineException {
        List<Integer> colours = new ArrayList<>(plan.palette());
        List<String> words = MosaicRequest.named(request.instructions().get(instruction), colours, refusals);
        palette = List.copyOf(colours);
        List<List<String>> given = new ArrayList<>();
        given.add(List.of("<begin>", "g:prompt", "f:" + request.form()));
        given.addAll(MosaicPrompt.steps(words, lexicon));
        // The source comes last, so that each of its steps can tell what the text means for it.
        if (!plan.steps().isEmpty()) {
            Set<Integer> brushed = instruction == 0 ? request.brushed() : Set.of();
            given.add(List.of("<picture>", "g:source"));
            given.addAll(new MosaicReference(words, plan, brushed, lexicon).marked());
        }
        given.add(List.of("<draw>", "g:prompt"));
        int needed = given.size() + MosaicPlan.MOST_STEPS + form.columns() * form.rows();
        if (needed > model.language().maxPositions()) {
            throw new EngineException(
                    Reason.CONTEXT_TOO_LONG,
                    refusals.long_(
                            words.size(),
                            Math.max(0, words.size() - needed + model.language().maxPositions())));
        }
        double temperature = asked.temperature().orElse(1);
        MosaicWriter begun = new MosaicWriter(model, lexicon, form, plan.steps().isEmpty(), temperature, random, trace);
        begun.read(given);
        return begun;
    }

    private MaskPainter newPainter(List<MosaicStep> steps) {
        OptionalInt ground = steps.getFirst().slot().stream()
                .flatMapToInt(slot -> MosaicStep.number(slot, 'c').stream())
                .filter(slot -> slot < palette.size())
                .map(palette::get)
                .findFirst();
        MosaicColours colours = new MosaicColours(palette, ground);
        int background = ground.isPresent() ? 0xFF000000 | ground.getAsInt() : 0;
        return new MaskPainter(
                lexicon,
                form,
                request.width(),
                request.height(),
                background,
                MosaicPlaces.of(steps, form),
                colours::rgb);
    }

    @Override
    public double done() {
        double cells = (double) painted / (form.columns() * form.rows());
        double plans = (double) instruction / request.instructions().size();
        return 0.2 * plans + 0.8 * cells;
    }

    @Override
    public Optional<Picture> glimpse() {
        int rows = painted / form.columns();
        if (rows <= shownRows || rows == form.rows()) {
            return Optional.empty();
        }
        return partial();
    }

    @Override
    public Optional<Picture> partial() {
        shownRows = painted / form.columns();
        return painted == 0 ? Optional.empty() : painter.map(MaskPainter::picture);
    }

    @Override
    public Picture picture() {
        writer.ifPresent(own -> trace.put("cells_ids", cellIds(own)));
        return painter.orElseThrow(() -> new IllegalStateException("nothing was painted"))
                .picture();
    }

    private int[] cellIds(MosaicWriter own) {
        return own.cells().stream()
                .flatMap(step -> step.names().stream())
                .mapToInt(lexicon::id)
                .toArray();
    }

    /** The finished plan. */
    MosaicPlan plan() {
        return plan;
    }

    /** The cells by now, in the names of {@link #palette}. */
    List<MosaicStep> cells() {
        return writer.map(MosaicWriter::cells).orElse(List.of());
    }

    /** Cells that the plan did not allow as the model wrote them. */
    int corrected() {
        return writer.map(MosaicWriter::corrected).orElse(0);
    }

    /** The colours as they were called while it was drawn, {@code 0xRRGGBB}. */
    List<Integer> palette() {
        return palette;
    }

    @Override
    public Provenance provenance() {
        return new Provenance(
                asked.prompt(),
                name,
                seed,
                request.width(),
                request.height(),
                0,
                1,
                "",
                asked.told(),
                "native",
                List.of(),
                plan.text());
    }
}
