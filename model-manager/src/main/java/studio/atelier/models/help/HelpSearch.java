package studio.atelier.models.help;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the section of the help pages that a question is about, in the question's language. Immutable: it may be asked
 * from any thread, and the same question always finds the same section.
 */
public final class HelpSearch {
    /** From this score on the section answers the question. */
    static final double SURE = 0.55;

    /** Below this score nothing is given to the model: it then says that it does not know. */
    static final double UNSURE = 0.38;

    private final Map<HelpLanguage, List<HelpSection>> sections = new EnumMap<>(HelpLanguage.class);
    private final Map<HelpLanguage, HelpIndex> indexes = new EnumMap<>(HelpLanguage.class);

    private HelpSearch() {}

    /**
     * Reads the help pages that come with the program; takes a fraction of a second, so not on the window's thread.
     *
     * @throws IOException when a page can't be read
     */
    public static HelpSearch open() throws IOException {
        HelpSearch search = new HelpSearch();
        for (HelpLanguage language : HelpLanguage.values()) {
            List<HelpSection> pages = HelpPages.read(language);
            search.sections.put(language, pages);
            search.indexes.put(language, new HelpIndex(pages, HelpTerms.of(language)));
        }
        return search;
    }

    /** Every section of a language, in the order of the pages. */
    public List<HelpSection> sections(HelpLanguage language) {
        return sections.getOrDefault(language, List.of());
    }

    /**
     * The section that a question is about.
     *
     * @return empty when the help pages say nothing about it; the starter model, asked without a section, says so
     */
    public Optional<HelpHit> find(String question) {
        HelpIndex index = indexes.get(HelpLanguage.of(question));
        return index == null ? Optional.empty() : index.best(question).flatMap(HelpSearch::hit);
    }

    static Optional<HelpHit> hit(HelpIndex.Match match) {
        if (match.score() < UNSURE) {
            return Optional.empty();
        }
        HelpHit.Confidence confidence =
                match.score() >= SURE ? HelpHit.Confidence.SURE : HelpHit.Confidence.UNSURE;
        return Optional.of(new HelpHit(match.section(), match.score(), confidence));
    }
}
