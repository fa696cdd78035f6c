package studio.atelier.models.help;

import java.util.List;

/**
 * One fact of the help pages: short enough to be read to a small model as a whole.
 *
 * @param id the same in both languages, such as {@code open-folder}
 * @param language what it is written in
 * @param page the page it stands on, such as {@code models}
 * @param title its heading
 * @param text its answer, one to three sentences of Markdown
 * @param wordings how people ask for it
 */
public record HelpSection(
        String id, HelpLanguage language, String page, String title, String text, List<String> wordings) {
    /** The page whose sections are greetings and thanks: answers for the model, nothing to name as a source. */
    static final String SMALL_TALK = "talk";

    public HelpSection {
        wordings = List.copyOf(wordings);
    }

    /** Whether this is small talk rather than a help page that people can be pointed to. */
    public boolean isSmallTalk() {
        return page.equals(SMALL_TALK);
    }
}
