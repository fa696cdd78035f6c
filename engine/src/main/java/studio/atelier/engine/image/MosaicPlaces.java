package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where things of a plan stand exactly. The model says places in whole cells; three things on twelve cells would stand
 * unevenly. So that the same distance is between all, the painter moves each from its cells to the middle of its spot in
 * the plan's lattice ({@code place} in {@code assets/training/image/scene.py}), and a word to the middle of its line.
 */
final class MosaicPlaces {
    /** Things that would have to go farther stand elsewhere than the lattice says. */
    private static final double FARTHEST = 1 + 1e-6;

    private static final int LETTER_ROWS = 2;

    /**
     * From a thing's cells to where it is painted.
     *
     * @param down in cells
     * @param across in cells
     */
    record Shift(double down, double across) {
        static final Shift NONE = new Shift(0, 0);
    }

    /** A thing with the corner that it should have. */
    private record Thing(MosaicStep step, double row, double column) {
        int size() {
            return step.number('z').orElse(0);
        }

        Shift shift() {
            return new Shift(
                    row - step.number('y').orElse(0), column - step.number('x').orElse(0));
        }

        boolean isNear() {
            Shift shift = shift();
            return Math.abs(shift.down()) <= FARTHEST && Math.abs(shift.across()) <= FARTHEST;
        }

        boolean overlaps(Thing other) {
            double reach = (size() + other.size()) / 2.0 - 1e-6;
            double down = row + size() / 2.0 - other.row - other.size() / 2.0;
            double across = column + size() / 2.0 - other.column - other.size() / 2.0;
            return Math.abs(down) < reach && Math.abs(across) < reach;
        }
    }

    private final Map<String, Shift> shifts = new HashMap<>();

    private MosaicPlaces() {}

    /** Of a whole plan; things that overlap, are scattered, or stand elsewhere stay where their cells are. */
    static MosaicPlaces of(List<MosaicStep> steps, MosaicLexicon.Form form) {
        MosaicPlaces places = new MosaicPlaces();
        List<MosaicStep> placed = steps.stream()
                .dropWhile(step -> !step.kind().equals(MosaicStep.PLACE))
                .toList();
        if (placed.isEmpty() || steps.getFirst().names().size() < 4) {
            return places;
        }
        places.add(things(steps.getFirst(), placed, form));
        places.add(letters(placed, form));
        return places;
    }

    private void add(List<Thing> things) {
        for (int i = 0; i < things.size(); i++) {
            if (!things.get(i).isNear() || things.subList(0, i).stream().anyMatch(things.get(i)::overlaps)) {
                return;
            }
        }
        for (Thing thing : things) {
            MosaicStep step = thing.step();
            shifts.put(
                    key(
                            step.kind(),
                            thing.size(),
                            step.number('y').orElse(0),
                            step.number('x').orElse(0)),
                    thing.shift());
        }
    }

    private static String key(String kind, int size, int row, int column) {
        return kind + " " + size + " " + row + " " + column;
    }

    /** Of the thing of this kind and size whose first cell is this. */
    Shift of(String kind, int size, int row, int column) {
        return shifts.getOrDefault(key(kind, size, row, column), Shift.NONE);
    }

    private static List<Thing> things(MosaicStep head, List<MosaicStep> placed, MosaicLexicon.Form form) {
        String layout = head.names().get(2);
        String where = head.names().get(3);
        int first = where.equals("top") ? LETTER_ROWS : 0;
        double height = where.equals("wordless") ? form.rows() : form.rows() - LETTER_ROWS;
        MosaicStep lattice = placed.getFirst();
        List<Thing> things = new ArrayList<>();
        for (MosaicStep step : placed.subList(1, placed.size())) {
            if (step.isLetter() || step.number('w').isEmpty()) {
                continue;
            }
            double half = step.number('z').orElse(0) / 2.0;
            double[] middle = middle(layout, lattice, step.number('w').getAsInt(), form.columns(), height);
            if (middle.length == 0) {
                return List.of();
            }
            things.add(new Thing(step, first + middle[0] - half, middle[1] - half));
        }
        return things;
    }

    /** Row and column of a spot's middle; empty where there is no lattice to stand on. */
    private static double[] middle(String layout, MosaicStep lattice, int spot, double width, double height) {
        int columns = Math.max(1, lattice.number('h').orElse(1));
        int rows = Math.max(1, lattice.number('v').orElse(1));
        int total = Math.max(1, lattice.number('t').orElse(1));
        return switch (layout) {
            case "around" -> {
                double radius = (Math.min(width, height) - lattice.number('z').orElse(1)) / 2;
                double angle = 2 * Math.PI * spot / total;
                yield new double[] {height / 2 - radius * Math.cos(angle), width / 2 + radius * Math.sin(angle)};
            }
            case "grid", "row", "column", "left", "right", "above", "below" -> {
                boolean last = layout.equals("grid") && spot / columns == rows - 1 && total % columns != 0;
                yield new double[] {
                    (spot / columns + 0.5) * height / rows,
                    (spot % columns + 0.5) * width / (last ? total % columns : columns)
                };
            }
            default -> new double[0];
        };
    }

    private static List<Thing> letters(List<MosaicStep> placed, MosaicLexicon.Form form) {
        List<MosaicStep> letters = placed.stream().filter(MosaicStep::isLetter).toList();
        int width =
                letters.stream().mapToInt(step -> step.number('z').orElse(0)).sum();
        double column = (form.columns() - width) / 2.0;
        List<Thing> things = new ArrayList<>();
        for (MosaicStep step : letters) {
            things.add(new Thing(step, step.number('y').orElse(0), column));
            column += step.number('z').orElse(0);
        }
        return things;
    }
}
