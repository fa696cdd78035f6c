package studio.atelier.app.page;

import java.text.MessageFormat;
import studio.atelier.app.i18n.Messages;

/**
 * The page's own words in the window's language.
 *
 * @param thoughtFor with {@code {0}} for the seconds
 * @param source with {@code {0}} for the title of the help page
 * @param plainText the label of a code block that names no language
 * @param thinkingFor with {@code {0}} for the seconds so far
 * @param person who wrote a message of the person's, for screen readers
 * @param model who wrote an answer, for screen readers
 */
public record PageWords(
        String languageTag,
        String messages,
        String copy,
        String copied,
        String edit,
        String answerAgain,
        String delete,
        String thinking,
        String thought,
        String thoughtFor,
        String source,
        String stopped,
        String cutOff,
        String latest,
        String plainText,
        String copySelection,
        String thinkingFor,
        String person,
        String model,
        String pictureGone) {

    /** Takes them out of the window's texts, where their keys begin with {@code chat.}. */
    public static PageWords of(Messages texts) {
        return new PageWords(
                texts.locale().toLanguageTag(),
                texts.text("chat.messages"),
                texts.text("chat.copy"),
                texts.text("chat.copied"),
                texts.text("chat.edit"),
                texts.text("chat.answer-again"),
                texts.text("chat.delete-message"),
                texts.text("chat.thinking"),
                texts.text("chat.thought"),
                texts.text("chat.thought-for"),
                texts.text("chat.source"),
                texts.text("chat.stopped"),
                texts.text("chat.cut-off"),
                texts.text("chat.latest"),
                texts.text("chat.plain-text"),
                texts.text("chat.copy-selection"),
                texts.text("chat.thinking-for"),
                texts.text("chat.person"),
                texts.text("chat.model"),
                texts.text("chat.picture-gone"));
    }

    String thoughtFor(long seconds) {
        return MessageFormat.format(thoughtFor, seconds);
    }

    String thinkingFor(long seconds) {
        return MessageFormat.format(thinkingFor, seconds);
    }

    /** What an action is called. */
    String action(PageMessage.Action action) {
        return switch (action) {
            case COPY -> copy;
            case EDIT -> edit;
            case ANSWER_AGAIN -> answerAgain;
            case DELETE -> delete;
        };
    }

    String source(String title) {
        return MessageFormat.format(source, title);
    }
}
