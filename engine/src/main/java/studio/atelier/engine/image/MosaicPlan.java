package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a picture of the starter model is built: enough to change it.
 *
 * @param form its ratio, such as "1:1"
 * @param palette the colours that were named, {@code 0xRRGGBB}; the first is called {@code c0}
 * @param steps from the head to the last thing
 */
record MosaicPlan(String form, List<Integer> palette, List<MosaicStep> steps) {
    static final int MOST_COLOURS = 8;
    static final int MOST_STEPS = 64;
    private static final int MOST_NAMES = 10;

    MosaicPlan {
        palette = List.copyOf(palette);
        steps = List.copyOf(steps);
    }

    /** With its colours in the order in which the steps speak of them, and without those that none speaks of. */
    MosaicPlan renamed() {
        Map<String, String> names = new HashMap<>();
        List<Integer> order = new ArrayList<>();
        for (MosaicStep step : steps) {
            for (String name : step.names()) {
                OptionalInt slot = MosaicStep.number(name, 'c');
                if (slot.isPresent() && slot.getAsInt() < palette.size() && !names.containsKey(name)) {
                    names.put(name, "c" + order.size());
                    order.add(palette.get(slot.getAsInt()));
                }
            }
        }
        List<MosaicStep> renamed = steps.stream()
                .map(step -> new MosaicStep(step.names().stream()
                        .map(name -> names.getOrDefault(name, name))
                        .toList()))
                .toList();
        return new MosaicPlan(form, order, renamed);
    }

    /** How many things of a shape there are. */
    int count(String shape, MosaicLexicon lexicon) {
        int placed = placed();
        return (int) steps.stream()
                .skip(placed)
                .filter(step ->
                        step.isShape(lexicon) && MosaicStep.bare(step.kind()).equals(shape))
                .count();
    }

    /** Shapes in the picture, each once. */
    List<String> shapes(MosaicLexicon lexicon) {
        return steps.stream()
                .skip(placed())
                .filter(step -> step.isShape(lexicon))
                .map(step -> MosaicStep.bare(step.kind()))
                .distinct()
                .toList();
    }

    private int placed() {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).kind().equals(MosaicStep.PLACE)) {
                return i;
            }
        }
        return steps.size();
    }

    /** For a picture's file; {@link #parse} reads it. */
    String text() {
        List<String> colours = palette.stream().map(Colours::hex).toList();
        List<String> said =
                steps.stream().map(step -> String.join(" ", escaped(step))).toList();
        return form + "|" + String.join(" ", colours) + "|" + String.join(";", said);
    }

    /** Letters may be the very signs that part the text. */
    private static List<String> escaped(MosaicStep step) {
        return step.names().stream()
                .map(name -> name.startsWith("l:") ? "l:" + (int) name.charAt(2) : name)
                .toList();
    }

    /** Of a text that stood in a file; empty when it is no plan that this lexicon can say. */
    static Optional<MosaicPlan> parse(String text, MosaicLexicon lexicon) {
        String[] parts = text.split("\\|", -1);
        if (parts.length != 3 || !lexicon.forms().containsKey(parts[0])) {
            return Optional.empty();
        }
        List<Integer> palette = new ArrayList<>();
        for (String colour : parts[1].isEmpty() ? new String[0] : parts[1].split(" ", -1)) {
            OptionalInt rgb = Colours.parse(colour);
            if (rgb.isEmpty() || palette.size() == MOST_COLOURS) {
                return Optional.empty();
            }
            palette.add(rgb.getAsInt());
        }
        List<MosaicStep> steps = new ArrayList<>();
        for (String step : parts[2].split(";", -1)) {
            List<String> names = Arrays.stream(step.split(" ", -1))
                    .map(MosaicPlan::unescaped)
                    .toList();
            if (steps.size() == MOST_STEPS
                    || names.size() > MOST_NAMES
                    || !names.stream().allMatch(name -> sayable(name, palette.size(), lexicon))) {
                return Optional.empty();
            }
            steps.add(new MosaicStep(names));
        }
        return Optional.of(new MosaicPlan(parts[0], palette, steps));
    }

    private static String unescaped(String name) {
        OptionalInt letter = name.startsWith("l:") ? MosaicStep.number(name.substring(1), ':') : OptionalInt.empty();
        return letter.isPresent() ? "l:" + (char) letter.getAsInt() : name;
    }

    private static boolean sayable(String name, int colours, MosaicLexicon lexicon) {
        OptionalInt slot = MosaicStep.number(name, 'c');
        return lexicon.ids().containsKey(name) && (slot.isEmpty() || slot.getAsInt() < colours);
    }
}
