package studio.atelier.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.assets.Assets;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.chat.ChatTemplate;
import studio.atelier.engine.chat.TemplateException;

/** A model's chat template alone. */
final class PromptCommand implements Command {
    @Override
    public String name() {
        return "prompt";
    }

    @Override
    public String usage() {
        return "FOLDER --messages FILE [--tools FILE] [--set enable_thinking=false]";
    }

    @Override
    public String summary() {
        return "prints the prompt that a model's chat template makes of messages";
    }

    @Override
    public String details() {
        return """
                The prompt is printed byte for byte, without a line break at its end. The files hold JSON: a list of messages
                {"role": .., "content": ..}, a list of tools. --template FILE in place of FOLDER renders a template that
                belongs to no model. With --jsonl every line {"messages": .., "tools": .., "kwargs": {..}} is answered with
                {"prompt": ..} or {"error": .., "kind": "raise_exception" or "other"}.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("messages", "FILE", "the conversation; - for standard input"),
                Option.of("tools", "FILE", "tools that the model may ask for"),
                Option.repeated("set", "NAME=VALUE", "a variable for the template, JSON or plain text"),
                Option.of("template", "FILE", "a Jinja template instead of a model's folder"),
                Option.of("now", "TIME", "what the template takes for now, such as 2026-03-14T15:09:26"),
                Option.flag("jsonl", "answers lines of standard input in one process"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        ChatTemplate template = template(arguments);
        ObjectNode variables = variables(arguments.texts("set"));
        if (arguments.has("jsonl")) {
            JsonLines.answer(terminal, line -> answer(template, variables, line), why -> failed(why, "other"));
            return 0;
        }
        JsonNode messages = json(arguments.requiredText("messages"), terminal);
        Optional<String> tools = arguments.text("tools");
        JsonNode list = tools.isPresent() ? json(tools.get(), terminal) : null;
        terminal.out().print(template.render(messages, list, variables));
        return 0;
    }

    private static ChatTemplate template(Arguments arguments) throws UsageException, EngineException, IOException {
        Optional<String> file = arguments.text("template");
        if (file.isPresent() && arguments.at(0).isPresent()) {
            throw new UsageException(Assets.command() + " prompt takes a folder or --template, not both.");
        }
        ChatTemplate template = file.isPresent()
                ? ChatTemplate.of(Files.readString(Studio.path(file.get())), Map.of())
                : ChatTemplate.open(Studio.path(arguments.required(0, "a model's folder or --template FILE")));
        Optional<String> now = arguments.text("now");
        return now.isPresent() ? template.withClock(clock(now.get())) : template;
    }

    private static Clock clock(String text) throws UsageException {
        try {
            ZoneId zone = ZoneId.systemDefault();
            return Clock.fixed(LocalDateTime.parse(text).atZone(zone).toInstant(), zone);
        } catch (DateTimeParseException e) {
            throw new UsageException("--now: expected a time such as 2026-03-14T15:09:26, got \"" + text + "\".");
        }
    }

    /** Values are JSON where they can be read so, plain text otherwise. */
    static ObjectNode variables(List<String> settings) throws UsageException {
        ObjectNode variables = JsonLines.JSON.createObjectNode();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--set: expected NAME=VALUE, got \"" + setting + "\".");
            }
            variables.set(setting.substring(0, equals), value(setting.substring(equals + 1)));
        }
        return variables;
    }

    private static JsonNode value(String text) {
        try {
            JsonNode value = JsonLines.JSON.readTree(text);
            return value.isMissingNode() ? TextNode.valueOf(text) : value;
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }

    private static JsonNode json(String name, Terminal terminal) throws UsageException, IOException {
        boolean standardInput = name.equals("-");
        Path file = Studio.path(name);
        try {
            return JsonLines.JSON.readTree(standardInput ? terminal.readText() : Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    (standardInput ? "standard input" : name) + " is not valid JSON: " + e.getOriginalMessage() + ".");
        }
    }

    private static ObjectNode answer(ChatTemplate template, ObjectNode variables, JsonNode line) {
        JsonNode messages = line.get("messages");
        if (messages == null || !messages.isArray()) {
            return failed("expected a list under \"messages\"", "other");
        }
        ObjectNode all = variables.deepCopy();
        if (line.get("kwargs") instanceof ObjectNode own) {
            all.setAll(own);
        }
        try {
            String prompt = template.render(messages, present(line.get("tools")), all);
            return JsonLines.JSON.createObjectNode().put("prompt", prompt);
        } catch (TemplateException e) {
            return failed(e.text(), e.kind() == TemplateException.Kind.RAISED ? "raise_exception" : "other");
        } catch (EngineException e) {
            return failed(String.valueOf(e.getMessage()), "other");
        }
    }

    private static @Nullable JsonNode present(@Nullable JsonNode node) {
        return node == null || node.isNull() ? null : node;
    }

    private static ObjectNode failed(String why, String kind) {
        return JsonLines.JSON.createObjectNode().put("error", why).put("kind", kind);
    }
}
