package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.List;

/**
 * What a plan leaves its cells to say: where squares of things cover a cell, it shows one of these things over another of
 * them, and which lies on top the model says; where none does, it is empty.
 */
final class MosaicCells {
    private final List<MosaicStep> things;
    private final MosaicLexicon lexicon;

    /** @param plan with its things and letters behind the {@code <place>} step */
    MosaicCells(List<MosaicStep> plan, MosaicLexicon lexicon) {
        this.lexicon = lexicon;
        this.things = plan.stream()
                .dropWhile(step -> !step.kind().equals(MosaicStep.PLACE))
                .skip(1)
                .toList();
    }

    /** All that a cell may say, each as the names that the model writes. */
    List<List<String>> allowed(int row, int column) {
        List<List<String>> covering = new ArrayList<>();
        for (MosaicStep thing : things) {
            int size = thing.number('z').orElse(0);
            int down = row - thing.number('y').orElse(0);
            int across = column - thing.number('x').orElse(0);
            if (down >= 0 && down < size && across >= 0 && across < size) {
                covering.add(List.of(thing.kind(), thing.slot().orElse("none"), "z" + size, "i" + down, "j" + across));
            }
        }
        List<String> nothing = List.of(MosaicStep.EMPTY);
        if (covering.isEmpty()) {
            return List.of(nothing);
        }
        if (covering.size() == 1) {
            return List.of(over(covering.getFirst(), nothing));
        }
        List<List<String>> all = new ArrayList<>();
        for (List<String> upper : covering) {
            covering.stream().filter(lower -> lower != upper).forEach(lower -> all.add(over(upper, lower)));
        }
        return all;
    }

    private static List<String> over(List<String> upper, List<String> lower) {
        List<String> names = new ArrayList<>(upper);
        lower.forEach(name -> names.add("u:" + name));
        return names;
    }

    /**
     * The likeliest of what a cell may say.
     *
     * @param logits of the model, over all tokens
     */
    List<String> likeliest(List<List<String>> allowed, float[] logits) {
        List<String> best = allowed.getFirst();
        double most = Double.NEGATIVE_INFINITY;
        for (List<String> names : allowed) {
            double sum = 0;
            for (int i = 0; i < names.size(); i++) {
                sum += lexicon.logProbability(field(i), logits, names.get(i));
            }
            if (sum > most) {
                most = sum;
                best = names;
            }
        }
        return best;
    }

    /** The field of the name at this place of a cell. */
    private static String field(int index) {
        int half = 1 + MosaicStep.CELL_FIELDS.size();
        String field = index % half == 0 ? "kind" : MosaicStep.CELL_FIELDS.get(index % half - 1);
        return index < half ? field : field + "-under";
    }
}
