package studio.atelier.models.help;

import java.util.List;

/**
 * What the help pages say about a question, as far as the search can tell.
 *
 * @param section the section that fits best
 * @param alternatives other sections that may be meant; empty when the search is sure
 * @param score from 0, nothing in common, to 1, the question stands word for word among the section's wordings
 * @param confidence what the score means
 */
public record HelpHit(HelpSection section, List<HelpSection> alternatives, double score, Confidence confidence) {
    /** How sure the search is. */
    public enum Confidence {
        /** The section answers the question. */
        SURE,
        /** The sections are the closest ones, but the question has words that they say nothing about. */
        UNSURE
    }

    public HelpHit {
        alternatives = List.copyOf(alternatives);
    }

    /**
     * The section, or the few that may be meant, as they are put into the system message. The starter model was trained
     * on exactly this form; larger models understand it too.
     */
    public String instruction() {
        return switch (confidence) {
            case SURE -> sureLead() + "\n# " + section.title() + "\n" + section.text();
            case UNSURE ->
                unsureLead()
                        + listed(section)
                        + alternatives.stream().map(HelpHit::listed).reduce("", String::concat);
        };
    }

    private String sureLead() {
        return switch (section.language()) {
            case ENGLISH -> "Answer from this help page:";
            case CHINESE -> "请根据这页帮助回答：";
        };
    }

    private String unsureLead() {
        return switch (section.language()) {
            case ENGLISH -> "One of these help pages may be meant:";
            case CHINESE -> "问的也许是这几页帮助：";
        };
    }

    private static String listed(HelpSection section) {
        return "\n- **" + section.title() + "** " + section.text();
    }
}
