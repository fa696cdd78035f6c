package studio.atelier.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import studio.atelier.engine.chat.ChatTemplate;
import studio.atelier.engine.chat.Message;
import studio.atelier.engine.tokenizer.Tokenizer;
import studio.atelier.engine.weights.GenerationConfig;

/**
 * Tokens that end an answer: those the folder's files name, and the one that the chat template puts behind the last
 * answer of a conversation, because publishers often forget it.
 */
final class EndTokens {
    /** No template has it of its own. */
    private static final String MARK = "qhzvx";

    private EndTokens() {}

    static Set<Integer> of(GenerationConfig config, Tokenizer tokenizer, Optional<ChatTemplate> template) {
        Set<Integer> ends = new HashSet<>(config.endTokens());
        if (template.isPresent()) {
            OptionalInt last = behindAnAnswer(tokenizer, template.get());
            last.ifPresent(ends::add);
        }
        return Set.copyOf(ends);
    }

    private static OptionalInt behindAnAnswer(Tokenizer tokenizer, ChatTemplate template) {
        List<Message> said = List.of(Message.user("a"), Message.assistant(MARK));
        try {
            String text = template.render(
                    said, null, JsonNodeFactory.instance.objectNode().put("add_generation_prompt", false));
            int at = text.lastIndexOf(MARK);
            if (at < 0) {
                return OptionalInt.empty();
            }
            for (int id : tokenizer.encode(text.substring(at + MARK.length()).stripLeading())) {
                return tokenizer.isSpecial(id) ? OptionalInt.of(id) : OptionalInt.empty();
            }
            return OptionalInt.empty();
        } catch (EngineException | IllegalStateException e) {
            // A template may refuse this conversation; what the files name has to do.
            return OptionalInt.empty();
        }
    }
}
