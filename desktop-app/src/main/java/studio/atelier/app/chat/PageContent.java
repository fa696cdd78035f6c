package studio.atelier.app.chat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.Message;
import studio.atelier.app.page.PageMessage;
import studio.atelier.app.page.PageMessage.Action;

/** What the page is given of a conversation: each message with what can be done with it now. */
final class PageContent {
    private PageContent() {}

    /** @param fileOf where a picture lies */
    static List<PageMessage> of(List<Message> said, ChatState state, Messages messages, Function<String, Path> fileOf) {
        List<PageMessage> content = new ArrayList<>(said.size());
        int lastQuestion = lastFromPerson(said);
        for (int i = 0; i < said.size(); i++) {
            Message message = said.get(i);
            boolean last = i == said.size() - 1;
            Set<Action> actions = EnumSet.noneOf(Action.class);
            if (message.end() != Message.End.RUNNING) {
                actions.add(Action.COPY);
            }
            // Whatever would change the conversation waits for the end of the running answer.
            if (!state.answers() && i == lastQuestion) {
                actions.add(Action.EDIT);
            }
            if (!state.answers() && i >= lastQuestion) {
                actions.add(Action.DELETE);
            }
            boolean waits = last && message.author() == Message.Author.PERSON && state instanceof ChatState.Loading;
            // Also for a question that lost its answer, or never had one.
            if (!state.answers() && last && !waits) {
                actions.add(Action.ANSWER_AGAIN);
            }
            content.add(new PageMessage(
                    message,
                    waits ? messages.text("chat.waiting") : "",
                    actions,
                    message.picture().map(fileOf)));
        }
        return content;
    }

    private static int lastFromPerson(List<Message> said) {
        for (int i = said.size() - 1; i >= 0; i--) {
            if (said.get(i).author() == Message.Author.PERSON) {
                return i;
            }
        }
        return -1;
    }
}
