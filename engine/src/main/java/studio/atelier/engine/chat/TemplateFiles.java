package studio.atelier.engine.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * What a model folder says about its prompts.
 *
 * @param sources the templates by name; the only one is called {@code default}
 * @param specialTokens by the names that templates know: {@code bos_token}, {@code eos_token}, ...
 */
record TemplateFiles(Map<String, String> sources, Map<String, String> specialTokens) {
    static final String DEFAULT = "default";

    /** Bytes of one of these files; tokenizer configurations list their added tokens and get long. */
    private static final long MAX_SIZE_BYTES = 64L << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    static TemplateFiles read(Path folder) throws EngineException {
        JsonNode config = json(folder.resolve("tokenizer_config.json"));
        var tokens = new LinkedHashMap<String, String>();
        addTokens(json(folder.resolve("special_tokens_map.json")), tokens);
        addTokens(config, tokens);
        var sources = sources(folder, config);
        if (!sources.containsKey(DEFAULT) && sources.size() == 1) {
            sources.put(DEFAULT, sources.values().iterator().next());
        }
        if (sources.isEmpty()) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE,
                    folder + ": holds no chat template (chat_template.jinja, chat_template.json or chat_template in"
                            + " tokenizer_config.json); it is perhaps not a chat model.");
        }
        return new TemplateFiles(sources, tokens);
    }

    private static Map<String, String> sources(Path folder, JsonNode config) throws EngineException {
        var sources = new LinkedHashMap<String, String>();
        Path file = folder.resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            sources.put(DEFAULT, text(file));
            return sources;
        }
        Path json = folder.resolve("chat_template.json");
        addSources(json, json(json).path("chat_template"), sources);
        if (sources.isEmpty()) {
            addSources(folder.resolve("tokenizer_config.json"), config.path("chat_template"), sources);
        }
        return sources;
    }

    private static void addSources(Path file, JsonNode template, Map<String, String> sources) throws EngineException {
        if (template.isTextual()) {
            sources.put(DEFAULT, template.textValue());
            return;
        }
        if (template.isObject()) {
            template.properties()
                    .forEach(each -> sources.put(each.getKey(), each.getValue().asText()));
            return;
        }
        for (JsonNode named : template) {
            if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
                throw new EngineException(
                        Reason.CONFIG_INVALID,
                        file + ": chat_template lists something else than templates with a name; download it again.");
            }
            sources.put(named.get("name").textValue(), named.get("template").textValue());
        }
    }

    private static void addTokens(JsonNode config, Map<String, String> tokens) {
        for (var field : config.properties()) {
            JsonNode value = field.getValue();
            JsonNode content = value.isObject() ? value.path("content") : value;
            if (field.getKey().endsWith("_token") && content.isTextual()) {
                tokens.put(field.getKey(), content.textValue());
            }
        }
    }

    private static JsonNode json(Path file) throws EngineException {
        if (!Files.isRegularFile(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(text(file));
        } catch (JsonProcessingException e) {
            throw new EngineException(
                    Reason.CONFIG_INVALID,
                    file + ": is not valid JSON (" + e.getOriginalMessage() + "); download it again.",
                    e);
        }
    }

    private static String text(Path file) throws EngineException {
        try {
            long sizeBytes = Files.size(file);
            if (sizeBytes > MAX_SIZE_BYTES) {
                throw new EngineException(
                        Reason.CONFIG_INVALID,
                        file + ": is " + sizeBytes + " bytes long, more than " + MAX_SIZE_BYTES
                                + "; download it again.");
            }
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new EngineException(Reason.MODEL_FILE_BROKEN, file + ": cannot be read (" + e.getMessage() + ").", e);
        }
    }
}
