package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;

/**
 * A model's own chat template: from a conversation to the text that the model reads, special tokens included, so that
 * the text is encoded without adding any.
 *
 * <p>The language is Jinja as Hugging Face transformers sets it up. Templates are untrusted: steps, depth and output are
 * bounded. Immutable and safe to use from several threads.
 */
public final class ChatTemplate {
    private ChatTemplate() {}

    /**
     * Reads the template of a model folder: {@code chat_template.jinja}, else {@code chat_template.json}, else
     * {@code chat_template} in {@code tokenizer_config.json}, and the special tokens that templates may spell.
     *
     * @throws EngineException with reason MODEL_FOLDER_INCOMPLETE when the folder has no template, CONFIG_INVALID or
     *     MODEL_FILE_BROKEN when a file cannot be read, TEMPLATE_FAILED when the template is not valid Jinja
     */
    public static ChatTemplate open(Path folder) throws EngineException {
        throw new UnsupportedOperationException("open");
    }

    /**
     * A template from its text.
     *
     * @param specialTokens by the names that templates know: {@code bos_token}, {@code eos_token}, ...
     * @throws EngineException with reason TEMPLATE_FAILED when it is not valid Jinja
     */
    public static ChatTemplate of(String source, Map<String, String> specialTokens) throws EngineException {
        throw new UnsupportedOperationException("of");
    }

    /** The same template, asking another clock for the date. */
    public ChatTemplate withClock(Clock clock) {
        throw new UnsupportedOperationException("withClock");
    }

    /**
     * Renders exactly what is given, byte for byte as transformers does.
     *
     * @param messages an array of messages in the form of the chat API
     * @param tools an array of tools, or null
     * @param variables an object: {@code add_generation_prompt} (true unless given), {@code enable_thinking},
     *     {@code documents}, ...; they win over special tokens
     * @throws TemplateException when the template refuses or fails
     */
    public String render(JsonNode messages, @Nullable JsonNode tools, JsonNode variables) throws EngineException {
        throw new UnsupportedOperationException("render");
    }

    /**
     * Renders as {@link #render}; when the template fails on the tool calls, once more with their arguments in the other
     * form, JSON text for objects and objects for JSON text: templates accept one or the other.
     */
    public String renderEitherWay(JsonNode messages, @Nullable JsonNode tools, JsonNode variables)
            throws EngineException {
        throw new UnsupportedOperationException("renderEitherWay");
    }

    /** Renders messages, the arguments of tool calls as objects or, where the template fails on them, as JSON text. */
    public String render(List<Message> messages, @Nullable JsonNode tools, JsonNode variables) throws EngineException {
        throw new UnsupportedOperationException("render");
    }

    /** Whether the template speaks of thinking: it knows {@code enable_thinking} or spells a thinking tag. */
    public boolean knowsThinking() {
        throw new UnsupportedOperationException("knowsThinking");
    }

    /** The template's text, the one for conversations without tools where there are several. */
    public String source() {
        throw new UnsupportedOperationException("source");
    }
}
