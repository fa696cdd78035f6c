package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.CodeSampler;
import studio.atelier.engine.models.Mosaic;

/**
 * Has the starter model write a plan and then the cells, step by step. The rules of writing are kept: as many things as
 * the plan announces, as many letters, no place taken twice, new things scattered by lot, and in every cell what the plan
 * puts there. What the things and their places are is the model's alone, and in a cell which of them lies on top.
 */
final class MosaicWriter {
    /** A place that is less likely than this share of the likeliest is never drawn by lot. */
    private static final double LEAST_SHARE = 0.08;

    private final Mosaic model;
    private final MosaicLexicon lexicon;
    private final MosaicLexicon.Form form;
    private final boolean anew;
    private final double temperature;
    private final RandomGenerator random;
    private final Trace trace;
    private final KvCache cache;
    private final float[] logits;
    private final List<MosaicStep> plan = new ArrayList<>();
    private final List<MosaicStep> cells = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();
    private boolean placed;
    private int things;
    private int letters;
    private int spots = Integer.MAX_VALUE;
    private Optional<String> spot = Optional.empty();
    private boolean planned;
    private Optional<MosaicCells> covering = Optional.empty();
    private int corrected;

    /** @param anew whether there is no picture that is changed */
    MosaicWriter(
            Mosaic model,
            MosaicLexicon lexicon,
            MosaicLexicon.Form form,
            boolean anew,
            double temperature,
            RandomGenerator random,
            Trace trace) {
        this.model = model;
        this.lexicon = lexicon;
        this.form = form;
        this.anew = anew;
        this.temperature = temperature;
        this.random = random;
        this.trace = trace;
        this.cache = model.language().newCache();
        this.logits = new float[model.language().vocabularySize()];
    }

    /** Reads what is asked for. */
    void read(List<List<String>> given) {
        model.read(given.stream().map(lexicon::ids).toList(), cache, logits);
    }

    /** Writes the next step of the plan; false when it is whole. */
    boolean writePlan() {
        trace.append("plan", logits);
        String kind = lexicon.likeliest("kind", logits, this::mayFollow);
        if (kind.equals(MosaicStep.CELLS)) {
            planned = true;
            return false;
        }
        List<String> names = new ArrayList<>(List.of(kind));
        fields(kind).forEach(field -> names.add(lexicon.likeliest(field, logits, _ -> true)));
        MosaicStep bare = new MosaicStep(names);
        Optional<String> own = spot;
        follow(bare);
        if (placed && things > 0) {
            names.add(nextSpot());
        }
        if (bare.isShape(lexicon) && placed) {
            own.ifPresent(place -> names.add("w" + place.substring(1)));
        }
        plan.add(new MosaicStep(names));
        names.add("g:plan");
        model.read(List.of(lexicon.ids(names)), cache, logits);
        return true;
    }

    private List<String> fields(String kind) {
        return switch (kind) {
            case MosaicStep.HEAD -> MosaicStep.HEAD_FIELDS;
            case MosaicStep.WORD -> MosaicStep.WORD_FIELDS;
            case MosaicStep.PLACE -> MosaicStep.PLACE_FIELDS;
            default -> placed ? MosaicStep.THING_FIELDS : MosaicStep.GROUP_FIELDS;
        };
    }

    private boolean mayFollow(String kind) {
        if (plan.isEmpty()) {
            return kind.equals(MosaicStep.HEAD);
        }
        boolean full = plan.size() >= MosaicPlan.MOST_STEPS - 1;
        if (!placed) {
            boolean worded = plan.getLast().kind().equals(MosaicStep.WORD);
            boolean group = !worded && (MosaicStep.isShape(kind, lexicon) || kind.equals(MosaicStep.WORD));
            return kind.equals(MosaicStep.PLACE) || group && plan.size() < 12;
        }
        if (things > 0 && !full) {
            return MosaicStep.isShape(kind, lexicon);
        }
        return letters > 0 && !full ? kind.startsWith("l:") : kind.equals(MosaicStep.CELLS);
    }

    /** Keeps account of what was announced and what came of it. */
    private void follow(MosaicStep step) {
        if (step.kind().equals(MosaicStep.PLACE)) {
            placed = true;
            spots = step.number('h').orElse(1) * step.number('v').orElse(1);
        } else if (step.kind().equals(MosaicStep.WORD)) {
            letters = step.number('n').orElse(0);
        } else if (!placed && step.isShape(lexicon)) {
            things += step.number('n').orElse(0);
        } else if (placed && step.isShape(lexicon)) {
            things--;
        } else if (placed) {
            letters--;
        }
    }

    /**
     * Where the next thing goes: a free place drawn by lot where new things are scattered, the likeliest where they are
     * not, by the model's chances where a scattered picture is changed.
     */
    private String nextSpot() {
        boolean scattered = plan.getFirst().names().contains("scatter");
        boolean ontop = plan.getFirst().names().contains("ontop");
        MosaicLexicon.Field field = lexicon.field("spot");
        float[] own = new float[field.end() - field.first()];
        float best = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < own.length; i++) {
            boolean free = ontop || !taken.contains("s" + i) && (!scattered || i < spots);
            float likely = scattered && anew ? 0 : logits[field.first() + i];
            own[i] = free ? likely : Float.NEGATIVE_INFINITY;
            best = Math.max(best, own[i]);
        }
        for (int i = 0; i < own.length; i++) {
            own[i] = own[i] < best + Math.log(LEAST_SHARE) ? Float.NEGATIVE_INFINITY : own[i];
        }
        double heat = !scattered ? 0 : anew ? 1 : temperature;
        int drawn = CodeSampler.draw(own, heat, random.nextDouble());
        String name = lexicon.tokens().get(field.first() + drawn);
        taken.add(name);
        spot = Optional.of(name);
        return name;
    }

    /** Begins with the cells. */
    void beginCells() {
        covering = Optional.of(new MosaicCells(plan, lexicon));
        read(List.of(List.of(MosaicStep.CELLS, "g:cell", "y0", "x0")));
    }

    /** Writes the next cell; false when it was the last. */
    boolean writeCell() {
        trace.append("cells", logits);
        MosaicCells rule = covering.orElseThrow(() -> new IllegalStateException("the cells were not begun"));
        List<List<String>> allowed = rule.allowed(cells.size() / form.columns(), cells.size() % form.columns());
        List<String> names = likeliestCell();
        if (!allowed.contains(names)) {
            names = new ArrayList<>(rule.likeliest(allowed, logits));
            corrected++;
        }
        cells.add(new MosaicStep(names));
        if (cells.size() == form.columns() * form.rows()) {
            return false;
        }
        int next = cells.size();
        names.addAll(List.of("g:cell", "y" + next / form.columns(), "x" + next % form.columns()));
        read(List.of(names));
        return true;
    }

    /** What the model would say, whatever the plan. */
    private List<String> likeliestCell() {
        List<String> names = new ArrayList<>(List.of(lexicon.likeliest("kind", logits, this::mayFill)));
        if (!names.getFirst().equals(MosaicStep.EMPTY)) {
            MosaicStep.CELL_FIELDS.forEach(field -> names.add(lexicon.likeliest(field, logits, _ -> true)));
            String under = lexicon.likeliest("kind-under", logits, _ -> true);
            names.add(under);
            if (!under.equals("u:" + MosaicStep.EMPTY)) {
                MosaicStep.CELL_FIELDS.forEach(
                        field -> names.add(lexicon.likeliest(field + "-under", logits, _ -> true)));
            }
        }
        return names;
    }

    private boolean mayFill(String kind) {
        return kind.equals(MosaicStep.EMPTY) || kind.startsWith("l:") || MosaicStep.isShape(kind, lexicon);
    }

    /** Cells that the plan did not allow as the model wrote them. */
    int corrected() {
        return corrected;
    }

    boolean planned() {
        return planned;
    }

    List<MosaicStep> plan() {
        return List.copyOf(plan);
    }

    List<MosaicStep> cells() {
        return List.copyOf(cells);
    }
}
