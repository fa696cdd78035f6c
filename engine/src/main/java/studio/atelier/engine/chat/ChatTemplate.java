package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.chat.jinja.JinjaException;
import studio.atelier.engine.chat.jinja.Template;

/**
 * A model's own chat template: from a conversation to the text that the model reads, special tokens included, so that
 * the text is encoded without adding any.
 *
 * <p>The language is Jinja as Hugging Face transformers sets it up, except that lists and dicts may be changed and that
 * {@code from_json} exists, which templates outside transformers count on. Templates are untrusted: steps, depth and
 * output are bounded. Immutable and safe to use from several threads.
 */
public final class ChatTemplate {
    private static final String FOR_TOOLS = "tool_use";

    private final Map<String, String> sources;
    private final Map<String, Template> templates;
    private final Map<String, String> specialTokens;
    private final Clock clock;

    private ChatTemplate(
            Map<String, String> sources,
            Map<String, Template> templates,
            Map<String, String> specialTokens,
            Clock clock) {
        this.sources = sources;
        this.templates = templates;
        this.specialTokens = Map.copyOf(specialTokens);
        this.clock = clock;
    }

    /**
     * Reads the template of a model folder: {@code chat_template.jinja}, else {@code chat_template.json}, else
     * {@code chat_template} in {@code tokenizer_config.json}, and the special tokens that templates may spell.
     *
     * @throws EngineException with reason MODEL_FOLDER_INCOMPLETE when the folder has no template, CONFIG_INVALID or
     *     MODEL_FILE_BROKEN when a file cannot be read, TEMPLATE_FAILED when the template is not valid Jinja
     */
    public static ChatTemplate open(Path folder) throws EngineException {
        TemplateFiles files = TemplateFiles.read(folder);
        return parse(files.sources(), files.specialTokens());
    }

    /**
     * A template from its text.
     *
     * @param specialTokens by the names that templates know: {@code bos_token}, {@code eos_token}, ...
     * @throws EngineException with reason TEMPLATE_FAILED when it is not valid Jinja
     */
    public static ChatTemplate of(String source, Map<String, String> specialTokens) throws EngineException {
        return parse(Map.of(TemplateFiles.DEFAULT, source), specialTokens);
    }

    private static ChatTemplate parse(Map<String, String> sources, Map<String, String> specialTokens)
            throws EngineException {
        var templates = new LinkedHashMap<String, Template>();
        for (var source : sources.entrySet()) {
            try {
                templates.put(source.getKey(), Template.parse(source.getValue()));
            } catch (JinjaException e) {
                throw TemplateException.of(e);
            }
        }
        return new ChatTemplate(sources, templates, specialTokens, Clock.systemDefaultZone());
    }

    /** The same template, asking another clock for the date. */
    public ChatTemplate withClock(Clock other) {
        return new ChatTemplate(sources, templates, specialTokens, other);
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
    public String render(JsonNode messages, @Nullable JsonNode tools, JsonNode variables) throws TemplateException {
        var all = new HashMap<String, JsonNode>();
        specialTokens.forEach((name, token) -> all.put(name, TextNode.valueOf(token)));
        all.put("add_generation_prompt", BooleanNode.TRUE);
        variables.properties().forEach(variable -> all.put(variable.getKey(), variable.getValue()));
        all.put("messages", messages);
        all.put("tools", tools == null ? NullNode.instance : tools);
        Template template = template(tools);
        try {
            return template.render(withDocuments(all), clock);
        } catch (JinjaException e) {
            if (e.fault() == JinjaException.Fault.RAISED || all.containsKey("documents")) {
                throw TemplateException.of(e);
            }
            return renderWithoutDocuments(template, all, e);
        }
    }

    /** Transformers passes none where there are no documents. */
    private static Map<String, JsonNode> withDocuments(Map<String, JsonNode> variables) {
        var all = new HashMap<>(variables);
        all.putIfAbsent("documents", NullNode.instance);
        return all;
    }

    /** Templates written for other programs go through documents without asking whether there are any. */
    private String renderWithoutDocuments(Template template, Map<String, JsonNode> variables, JinjaException before)
            throws TemplateException {
        try {
            return template.render(variables, clock);
        } catch (JinjaException e) {
            throw TemplateException.of(before);
        }
    }

    private Template template(@Nullable JsonNode tools) throws TemplateException {
        Template forTools = tools == null ? null : templates.get(FOR_TOOLS);
        Template template = forTools == null ? templates.get(TemplateFiles.DEFAULT) : forTools;
        if (template == null) {
            throw TemplateException.other("the model has several chat templates ("
                    + String.join(", ", templates.keySet()) + ") and none is" + " called default");
        }
        return template;
    }

    /**
     * Renders as {@link #render}; when the template fails on the tool calls, once more with their arguments in the other
     * form, JSON text for objects and objects for JSON text: templates accept one or the other.
     */
    public String renderEitherWay(JsonNode messages, @Nullable JsonNode tools, JsonNode variables)
            throws TemplateException {
        try {
            return render(messages, tools, variables);
        } catch (TemplateException e) {
            JsonNode turned = ArgumentForms.turned(messages);
            if (turned == null) {
                throw e;
            }
            return renderOr(e, turned, tools, variables);
        }
    }

    private String renderOr(TemplateException before, JsonNode messages, @Nullable JsonNode tools, JsonNode variables)
            throws TemplateException {
        try {
            return render(messages, tools, variables);
        } catch (TemplateException e) {
            throw before;
        }
    }

    /** Renders messages, the arguments of tool calls as objects or, where the template fails on them, as JSON text. */
    public String render(List<Message> messages, @Nullable JsonNode tools, JsonNode variables)
            throws TemplateException {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        messages.forEach(message -> array.add(message.toJson()));
        return renderEitherWay(array, tools, variables);
    }

    /** Whether the template speaks of thinking: it knows {@code enable_thinking} or spells a thinking tag. */
    public boolean knowsThinking() {
        return OutputFormat.of(this).thinks() || source().contains("enable_thinking");
    }

    /** The template's text, the one for conversations without tools where there are several. */
    public String source() {
        String source = sources.get(TemplateFiles.DEFAULT);
        return source == null ? sources.values().iterator().next() : source;
    }

    /** All texts of the template, those for tools included. */
    String allSources() {
        return String.join("\n", sources.values());
    }
}
