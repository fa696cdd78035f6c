package studio.atelier.app.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.library.Message;
import studio.atelier.app.running.Question;

/** Makes the question for the model from what was said in a conversation. */
final class Prompts {
    private Prompts() {}

    /**
     * The conversation as the model is told it: the system prompt first, with the help page in it when one was found.
     * Answers that were stopped before their first word are left out, and so is what a model thought.
     */
    static Question question(List<Message> said, ChatSettings settings, Optional<HelpLookup.Found> found) {
        List<Question.Turn> turns = new ArrayList<>();
        String instruction = instruction(settings.systemPrompt().strip(), found);
        if (!instruction.isEmpty()) {
            turns.add(new Question.Turn(Question.Role.SYSTEM, instruction));
        }
        for (Message message : said) {
            if (!message.text().isBlank()) {
                turns.add(new Question.Turn(roleOf(message.author()), message.text()));
            }
        }
        return new Question(turns, settings.sampling(), settings.answerLimit());
    }

    private static String instruction(String ownWords, Optional<HelpLookup.Found> found) {
        String page = found.map(HelpLookup.Found::instruction).orElse("");
        return ownWords.isEmpty() || page.isEmpty() ? ownWords + page : ownWords + "\n\n" + page;
    }

    private static Question.Role roleOf(Message.Author author) {
        return switch (author) {
            case PERSON -> Question.Role.PERSON;
            case MODEL -> Question.Role.MODEL;
        };
    }
}
