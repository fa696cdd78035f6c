package studio.atelier.models.help;

/**
 * The section that a question is about, as far as the search can tell.
 *
 * @param section what was found
 * @param score from 0, nothing in common, to 1, the question stands word for word among the section's wordings
 * @param confidence what the score means
 */
public record HelpHit(HelpSection section, double score, Confidence confidence) {
    /** How sure the search is. */
    public enum Confidence {
        /** The section answers the question. */
        SURE,
        /** The section is the closest one, but the question has words that it says nothing about. */
        UNSURE
    }

    /**
     * The section as it is put into the system message. The starter model was trained on exactly this form; larger
     * models understand it too.
     */
    public String instruction() {
        String lead = switch (section.language()) {
            case ENGLISH -> confidence == Confidence.SURE ? "Answer from this help page:" : "This help page may help:";
            case CHINESE -> confidence == Confidence.SURE ? "请根据这页帮助回答：" : "这页帮助也许有用：";
        };
        return lead + "\n# " + section.title() + "\n" + section.text();
    }
}
