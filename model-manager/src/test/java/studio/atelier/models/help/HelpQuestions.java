package studio.atelier.models.help;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the search finds for many questions, for training and judging the starter model: {@code HelpQuestions IN OUT}.
 *
 * <p>A line of IN is {@code language TAB expected section or "-" TAB fold TAB question}. A question that stands in the
 * pages belongs to a fold, and is looked up in an index without the wordings of that fold: so the model is shown what the
 * search finds for wordings that it does not know, mistakes included. Fold -1 asks the shipped index. OUT has {@code
 * found section or "-" TAB score TAB confidence} put before each line.
 */
final class HelpQuestions {
    private static final int FOLDS = 8;

    private HelpQuestions() {}

    public static void main(String[] args) throws IOException {
        HelpSearch search = HelpSearch.open();
        List<List<HelpIndex>> withoutFold = new ArrayList<>();
        for (HelpLanguage language : HelpLanguage.values()) {
            List<HelpIndex> indexes = new ArrayList<>();
            for (int fold = 0; fold < FOLDS; fold++) {
                indexes.add(new HelpIndex(without(fold, search.sections(language)), HelpTerms.of(language)));
            }
            withoutFold.add(indexes);
        }
        try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[1]))) {
            for (String line : Files.readAllLines(Path.of(args[0]))) {
                String[] parts = line.split("\t", 4);
                int fold = Integer.parseInt(parts[2]);
                int language = HelpLanguage.of(parts[3]).ordinal();
                Optional<HelpHit> hit = fold < 0
                        ? search.find(parts[3])
                        : HelpSearch.hit(withoutFold.get(language).get(fold).ranked(parts[3], 6));
                out.write(hit.map(HelpQuestions::row).orElse("-\t0\t-") + "\t" + line + "\n");
            }
        }
    }

    private static String row(HelpHit hit) {
        String found = hit.section().id()
                + hit.alternatives().stream().map(other -> "+" + other.id()).reduce("", String::concat);
        return found + "\t" + String.format(Locale.ROOT, "%.3f", hit.score()) + "\t" + hit.confidence();
    }

    private static List<HelpSection> without(int fold, List<HelpSection> sections) {
        List<HelpSection> kept = new ArrayList<>();
        for (HelpSection section : sections) {
            List<String> wordings = new ArrayList<>();
            for (int i = 0; i < section.wordings().size(); i++) {
                if (i % FOLDS != fold) {
                    wordings.add(section.wordings().get(i));
                }
            }
            kept.add(new HelpSection(
                    section.id(), section.language(), section.page(), section.title(), section.text(), wordings));
        }
        return kept;
    }
}
