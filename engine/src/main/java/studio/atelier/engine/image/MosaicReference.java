package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which things of a picture an instruction speaks of. Their steps are marked for the model, as in its training
 * ({@code meant} in {@code assets/training/image/tasks.py}): of a number that is to be removed the last ones, of what is
 * added the group that it joins. What was painted over with a brush is meant whatever the words.
 */
final class MosaicReference {
    private static final String MARK = "g:meant";

    private final List<String> words;
    private final MosaicLexicon lexicon;
    private final List<MosaicStep> steps;
    private final int placed;
    private final Set<Integer> brushed;
    private final List<Integer> groups = new ArrayList<>();

    /**
     * Looks at an instruction.
     *
     * @param words with names of colours
     * @param brushed the groups that are meant whatever the words; empty when the words say it
     */
    MosaicReference(List<String> words, MosaicPlan plan, Set<Integer> brushed, MosaicLexicon lexicon) {
        this.words = words;
        this.brushed = brushed;
        this.lexicon = lexicon;
        this.steps = plan.steps();
        int at = 0;
        while (at < steps.size() && !steps.get(at).kind().equals(MosaicStep.PLACE)) {
            if (steps.get(at).isShape(lexicon)) {
                groups.add(at);
            }
            at++;
        }
        this.placed = at;
    }

    /** The source's steps for the model. */
    List<List<String>> marked() {
        List<Integer> found = meant();
        List<List<String>> out = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            List<String> step = new ArrayList<>(steps.get(i).names());
            step.add("g:source");
            if (i < placed ? found.contains(i) : i > placed && meant(i - placed - 1, found)) {
                step.add(MARK);
            }
            out.add(step);
        }
        return out;
    }

    /** Steps of the groups that are meant. */
    private List<Integer> meant() {
        if (!brushed.isEmpty()) {
            return List.copyOf(brushed);
        }
        int shape = shapeAt();
        List<String> slots = words.stream()
                .filter(w -> MosaicStep.number(w, 'c').isPresent())
                .toList();
        if (shape >= 0 && words.contains("add")) {
            String look = (words.contains("outline") ? "o:" : "") + words.get(shape);
            return last(groups.stream()
                    .filter(g -> steps.get(g).kind().equals(look) && (slots.isEmpty() || has(g, slots.getFirst())))
                    .toList());
        }
        if (shape >= 0) {
            return named(shape);
        }
        if (words.contains("all") || words.contains("sketch")) {
            return groups;
        }
        if (!slots.isEmpty() && !words.contains("background") && !words.contains(MosaicStep.WORD)) {
            return groups.stream().filter(g -> has(g, slots.getFirst())).toList();
        }
        return List.of();
    }

    private List<Integer> named(int shape) {
        List<Integer> found = groups.stream()
                .filter(g -> MosaicStep.bare(steps.get(g).kind()).equals(words.get(shape)))
                .toList();
        Optional<String> slot = shape > 0
                ? Optional.of(words.get(shape - 1))
                        .filter(w -> MosaicStep.number(w, 'c').isPresent())
                : Optional.empty();
        if (slot.isPresent()) {
            List<Integer> narrow =
                    found.stream().filter(g -> has(g, slot.get())).toList();
            found = narrow.isEmpty() ? found : narrow;
        }
        return removed() > 0 ? last(found) : found;
    }

    /** Whether the thing of this number is meant. */
    private boolean meant(int thing, List<Integer> found) {
        int first = 0;
        for (int group : groups) {
            int count = steps.get(group).number('n').orElse(0);
            if (thing < first + count) {
                int gone = removed() > 0 ? Math.min(removed(), count) : count;
                return thing >= first + count - gone && found.contains(group);
            }
            first += count;
        }
        return false;
    }

    /** How many are to go; 0 for all that are named. */
    private int removed() {
        return words.contains("remove") && brushed.isEmpty()
                ? words.stream()
                        .flatMapToInt(w -> MosaicStep.number(w, 'n').stream())
                        .findFirst()
                        .orElse(0)
                : 0;
    }

    private int shapeAt() {
        for (int i = 0; i < words.size(); i++) {
            if (lexicon.shapes().contains(words.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private boolean has(int group, String slot) {
        return steps.get(group).names().contains(slot);
    }

    private static List<Integer> last(List<Integer> all) {
        return all.isEmpty() ? all : List.of(all.getLast());
    }
}
