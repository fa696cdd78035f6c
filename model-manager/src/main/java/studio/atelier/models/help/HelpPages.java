package studio.atelier.models.help;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.assets.Assets;

/**
 * Reads the help pages. A page is Markdown: a first-level heading, then sections with a second-level heading that
 * carries the section's id, the answer, and a last paragraph with the ways people ask for it:
 *
 * <pre>
 * ## Open a model folder {#open-folder}
 *
 * Choose **File → Open model folder…** …
 *
 * Also asked as: how do I open a folder; load a model from the disk
 * </pre>
 */
final class HelpPages {
    private static final List<String> NAMES =
            List.of("about", "models", "terms", "chat", "settings", "images", "advanced", "trouble", "talk");
    private static final Pattern HEADING = Pattern.compile("## (?<title>.+) \\{#(?<id>[a-z0-9-]+)}");

    private HelpPages() {}

    /**
     * All sections of a language, in the order of the pages.
     *
     * @throws IOException when a page can't be read or is not written as described
     */
    static List<HelpSection> read(HelpLanguage language) throws IOException {
        List<HelpSection> sections = new ArrayList<>();
        for (String name : NAMES) {
            String file = "help/" + language.folder() + "/" + name + ".md";
            for (String part : Assets.text(file).split("\n(?=## )")) {
                if (part.startsWith("## ")) {
                    sections.add(section(language, name, file, part));
                }
            }
        }
        return List.copyOf(sections);
    }

    private static HelpSection section(HelpLanguage language, String page, String file, String part)
            throws IOException {
        String[] headAndBody = part.split("\n", 2);
        Matcher heading = HEADING.matcher(headAndBody[0]);
        String lead = asked(language);
        int asked = part.indexOf("\n" + lead);
        if (!heading.matches() || asked < 0) {
            throw new IOException(file + ": expected \"## Title {#id}\", a text and \"" + lead + "\", got \""
                    + headAndBody[0] + "\"");
        }
        String text =
                joined(language, part.substring(headAndBody[0].length(), asked)).replace("./studio", Assets.command());
        List<String> wordings = new ArrayList<>();
        for (String wording : part.substring(asked + 1 + lead.length()).split("[;；]")) {
            String one = joined(language, wording);
            if (!one.isEmpty()) {
                wordings.add(one);
            }
        }
        return new HelpSection(heading.group("id"), language, page, heading.group("title"), text, wordings);
    }

    private static String asked(HelpLanguage language) {
        return switch (language) {
            case ENGLISH -> "Also asked as:";
            case CHINESE -> "也可以这样问：";
        };
    }

    /** One paragraph per line: the files break lines for the reader's eye, Chinese has no space to put there. */
    private static String joined(HelpLanguage language, String block) {
        String inside = language == HelpLanguage.CHINESE ? "(?<=\\P{ASCII})\n(?=\\P{ASCII})" : "(?!)";
        return block.strip()
                .replaceAll("\n\n+", "\u0000")
                .replaceAll("\n(?=- |[0-9]\\. )", "\u0000")
                .replaceAll(inside, "")
                .replace('\n', ' ')
                .replace('\u0000', '\n');
    }
}
