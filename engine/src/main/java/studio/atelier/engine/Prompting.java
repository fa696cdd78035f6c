package studio.atelier.engine;

import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.GenerationRequest.Conversation;
import studio.atelier.engine.GenerationRequest.Raw;
import studio.atelier.engine.chat.ChatTemplate;
import studio.atelier.engine.chat.Message;
import studio.atelier.engine.chat.OutputParser;
import studio.atelier.engine.tokenizer.Tokenizer;

/**
 * From what is asked to tokens, and to the way in which the answer is to be read.
 *
 * @param template empty when the model has none
 */
record Prompting(Tokenizer tokenizer, Optional<ChatTemplate> template, int modelTokens) {
    private static final String NEXT_QUESTION = "\n\nUser:";

    /**
     * A prompt for the model.
     *
     * @param ids every one known to the model
     * @param parser splits what the model writes; empty when all of it is text
     * @param stopText ends the answer too
     */
    record Ready(int[] ids, Optional<OutputParser> parser, Optional<String> stopText) {}

    Ready ready(GenerationRequest.Prompt prompt) throws EngineException {
        Ready ready =
                switch (prompt) {
                    case Raw(String text) -> plain(text, Optional.empty());
                    case Conversation conversation ->
                        template.isPresent()
                                ? rendered(template.get(), conversation)
                                : plain(paragraphs(conversation.messages()), Optional.of(NEXT_QUESTION));
                };
        check(ready.ids);
        return ready;
    }

    private Ready rendered(ChatTemplate chatTemplate, Conversation conversation) throws EngineException {
        String text = chatTemplate.render(
                conversation.messages(), conversation.tools().orElse(null), conversation.variables());
        return new Ready(
                encode(text, false), Optional.of(OutputParser.forTemplate(chatTemplate, text)), Optional.empty());
    }

    private Ready plain(String text, Optional<String> stopText) throws EngineException {
        return new Ready(encode(text, true), Optional.empty(), stopText);
    }

    private static String paragraphs(List<Message> messages) {
        StringBuilder text = new StringBuilder();
        for (Message message : messages) {
            String speaker =
                    switch (message.role()) {
                        case SYSTEM -> "";
                        case USER, TOOL -> "User: ";
                        case ASSISTANT -> "Assistant: ";
                    };
            text.append(speaker).append(message.content().strip()).append("\n\n");
        }
        return text.append("Assistant:").toString();
    }

    private int[] encode(String text, boolean withSpecialTokens) throws EngineException {
        try {
            return withSpecialTokens ? tokenizer.encodeWithSpecialTokens(text) : tokenizer.encode(text);
        } catch (IllegalStateException e) {
            throw new EngineException(
                    Reason.TOKENIZER_INVALID,
                    "The model's tokenizer can't cut this text of " + text.length() + " characters: " + e.getMessage()
                            + "; shorten it.",
                    e);
        }
    }

    private void check(int[] ids) throws EngineException {
        for (int id : ids) {
            if (id >= modelTokens) {
                throw new EngineException(
                        Reason.TOKENIZER_INVALID,
                        "The tokenizer gives the token " + id + ", but the model has only " + modelTokens
                                + "; tokenizer.json belongs to another model.");
            }
        }
        if (ids.length == 0) {
            throw new EngineException(
                    Reason.TEMPLATE_FAILED, "The prompt is empty; there is nothing that the model could continue.");
        }
    }
}
