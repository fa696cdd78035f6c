package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What was painted over in a picture of the starter model: those things get groups of their own in its plan, so that they
 * alone can be meant ({@code brush.py} in {@code assets/training/image} makes examples in the same way).
 *
 * @param plan with these groups
 * @param groups places of these groups' steps in the plan
 */
record MosaicBrush(MosaicPlan plan, Set<Integer> groups) {
    /** A thing is meant of whose square as much is painted over, */
    private static final double LEAST_SHARE = 0.1;

    /** or in whose square as much of the paint lies, so that a dab on a large thing is enough. */
    private static final double LEAST_OF_PAINT = 0.25;

    MosaicBrush {
        groups = Set.copyOf(groups);
    }

    /** Of a picture's plan; empty when no thing is painted over. */
    static Optional<MosaicBrush> of(MosaicPlan plan, Picture picture, PictureMask mask, MosaicLexicon lexicon) {
        MosaicLexicon.Form form = lexicon.form(plan.form());
        double cell = Math.max(1, Math.min(picture.width() / form.columns(), picture.height() / form.rows()));
        double left = Math.floor((picture.width() - form.columns() * cell) / 2);
        double top = Math.floor((picture.height() - form.rows() * cell) / 2);
        double paint = mask.share(0, 0, 1, 1);
        List<MosaicStep> things = things(plan, lexicon);
        MosaicPlaces places = MosaicPlaces.of(plan.steps(), form);
        Set<MosaicStep> chosen = new LinkedHashSet<>();
        for (MosaicStep thing : things) {
            int row = thing.number('y').orElse(0);
            int column = thing.number('x').orElse(0);
            int size = thing.number('z').orElse(0);
            MosaicPlaces.Shift shift = places.of(thing.kind(), size, row, column);
            double x = left + cell * (column + shift.across());
            double y = top + cell * (row + shift.down());
            double side = cell * size;
            double share = mask.share(
                    x / picture.width(),
                    y / picture.height(),
                    (x + side) / picture.width(),
                    (y + side) / picture.height());
            double ofPaint = share * side * side / (paint * picture.width() * picture.height());
            if (share >= LEAST_SHARE || ofPaint >= LEAST_OF_PAINT) {
                chosen.add(thing);
            }
        }
        return chosen.isEmpty() ? Optional.empty() : Optional.of(parted(plan, things, chosen, lexicon));
    }

    private static List<MosaicStep> things(MosaicPlan plan, MosaicLexicon lexicon) {
        return plan.steps().stream()
                .dropWhile(step -> !step.kind().equals(MosaicStep.PLACE))
                .skip(1)
                .takeWhile(step -> step.isShape(lexicon))
                .toList();
    }

    private static MosaicBrush parted(
            MosaicPlan plan, List<MosaicStep> things, Set<MosaicStep> chosen, MosaicLexicon lexicon) {
        List<MosaicStep> head = new ArrayList<>();
        List<MosaicStep> placed = new ArrayList<>();
        Set<Integer> groups = new LinkedHashSet<>();
        int first = 0;
        int total = 0;
        MosaicStep place = new MosaicStep(List.of(MosaicStep.PLACE));
        for (MosaicStep step : plan.steps()) {
            if (step.kind().equals(MosaicStep.PLACE)) {
                place = step;
                break;
            }
            if (!step.isShape(lexicon)) {
                head.add(step);
                continue;
            }
            int end = Math.min(things.size(), first + step.number('n').orElse(0));
            List<MosaicStep> own = things.subList(Math.min(first, end), end);
            first = end;
            for (boolean meant : List.of(false, true)) {
                List<MosaicStep> part =
                        own.stream().filter(t -> chosen.contains(t) == meant).toList();
                if (!part.isEmpty()) {
                    total += part.size();
                    if (meant) {
                        groups.add(head.size());
                    }
                    head.add(with(step, part.size(), total));
                    for (int i = 0; i < part.size(); i++) {
                        placed.add(without(part.get(i), "rs", List.of("r" + (part.size() - 1 - i))));
                    }
                }
            }
        }
        List<MosaicStep> steps = new ArrayList<>(head);
        steps.add(without(place, "s", next(placed, 0)));
        for (int i = 0; i < placed.size(); i++) {
            steps.add(without(placed.get(i), "", next(placed, i + 1)));
        }
        plan.steps().stream().filter(MosaicStep::isLetter).forEach(steps::add);
        return new MosaicBrush(new MosaicPlan(plan.form(), plan.palette(), steps), groups);
    }

    private static MosaicStep with(MosaicStep group, int count, int total) {
        return without(group, "nt", List.of("n" + count, "t" + total));
    }

    /** The place of a thing, as the step before it announces it. */
    private static List<String> next(List<MosaicStep> placed, int index) {
        OptionalInt spot = index < placed.size() ? placed.get(index).number('w') : OptionalInt.empty();
        return spot.isPresent() ? List.of("s" + spot.getAsInt()) : List.of();
    }

    /** Other names in the place of those numbers that begin with these letters. */
    private static MosaicStep without(MosaicStep step, String letters, List<String> instead) {
        List<String> names = new ArrayList<>();
        for (String name : step.names()) {
            boolean gone = letters.indexOf(name.charAt(0)) >= 0
                    && MosaicStep.number(name, name.charAt(0)).isPresent();
            if (!gone) {
                names.add(name);
            }
        }
        names.addAll(instead);
        return new MosaicStep(names);
    }
}
