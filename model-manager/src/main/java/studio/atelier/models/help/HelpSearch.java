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
    /** The search is sure when the best score, less this share of the next best, reaches {@link #SURE}. */
    private static final double RIVAL_SHARE = 0.6;

    private static final double SURE = 0.36;

    /** Below this score nothing is given to the model: it then says that it does not know. */
    private static final double UNSURE = 0.35;

    /** An alternative must come this close to the best section's score. */
    private static final double CLOSE = 0.6;

    /** With less of its information in words of the pages, a question is about something else. */
    private static final double KNOWN = 0.5;

    private static final double SMALL_TALK = 0.25;
    private static final int CANDIDATES = 6;

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
        return index == null ? Optional.empty() : hit(index.ranked(question, CANDIDATES));
    }

    /** Small talk is meant or not; only help sections are offered as alternatives. */
    static Optional<HelpHit> hit(List<HelpIndex.Match> ranked) {
        if (ranked.isEmpty()) {
            return Optional.empty();
        }
        HelpIndex.Match first = ranked.getFirst();
        double rival = ranked.size() > 1 ? ranked.get(1).score() : 0;
        double lead = first.score() - RIVAL_SHARE * rival;
        if (first.known() >= KNOWN && lead >= (first.section().isSmallTalk() ? SMALL_TALK : SURE)) {
            return Optional.of(new HelpHit(first.section(), List.of(), first.score(), HelpHit.Confidence.SURE));
        }
        List<HelpIndex.Match> meant = ranked.stream()
                .filter(match -> !match.section().isSmallTalk())
                .filter(match -> match.score() >= UNSURE && match.known() >= KNOWN)
                .toList();
        if (meant.isEmpty()) {
            return Optional.empty();
        }
        HelpIndex.Match best = meant.getFirst();
        List<HelpSection> alternatives = meant.stream()
                .skip(1)
                .filter(match -> match.score() >= CLOSE * best.score())
                .limit(1)
                .map(HelpIndex.Match::section)
                .toList();
        return Optional.of(new HelpHit(best.section(), alternatives, best.score(), HelpHit.Confidence.UNSURE));
    }
}
