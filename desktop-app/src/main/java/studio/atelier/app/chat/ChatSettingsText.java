package studio.atelier.app.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.OptionalLong;
import studio.atelier.engine.Sampling;

/** Writes the settings of a conversation as JSON, the way they lie in the store, and reads them back. */
public final class ChatSettingsText {
    private static final Logger LOG = System.getLogger(ChatSettingsText.class.getName());

    private final ObjectMapper json = new ObjectMapper();

    public String write(ChatSettings settings) {
        Sampling sampling = settings.sampling();
        ObjectNode node = json.createObjectNode()
                .put("system_prompt", settings.systemPrompt())
                .put("temperature", sampling.temperature())
                .put("top_k", sampling.topK())
                .put("top_p", sampling.topP())
                .put("min_p", sampling.minP())
                .put("repetition_penalty", sampling.repetitionPenalty())
                .put("presence_penalty", sampling.presencePenalty())
                .put("answer_limit", settings.answerLimit())
                .put("help", settings.help() == ChatSettings.HelpSource.LOOKED_UP);
        sampling.seed().ifPresent(seed -> node.put("seed", seed));
        return node.toString();
    }

    /** What was written, each missing value as in {@code usual}; all of {@code usual} when nothing sensible was. */
    public ChatSettings read(Optional<String> text, ChatSettings usual) {
        if (text.isEmpty()) {
            return usual;
        }
        try {
            JsonNode node = json.readTree(text.get());
            Sampling common = usual.sampling();
            Sampling sampling = new Sampling(
                    node.path("temperature").asDouble(common.temperature()),
                    node.path("top_k").asInt(common.topK()),
                    node.path("top_p").asDouble(common.topP()),
                    node.path("min_p").asDouble(common.minP()),
                    node.path("repetition_penalty").asDouble(common.repetitionPenalty()),
                    node.path("presence_penalty").asDouble(common.presencePenalty()),
                    node.has("seed") ? OptionalLong.of(node.get("seed").asLong()) : OptionalLong.empty());
            return new ChatSettings(
                    node.path("system_prompt").asText(usual.systemPrompt()),
                    sampling,
                    node.path("answer_limit").asInt(usual.answerLimit()),
                    node.path("help").asBoolean(usual.help() == ChatSettings.HelpSource.LOOKED_UP)
                            ? ChatSettings.HelpSource.LOOKED_UP
                            : ChatSettings.HelpSource.LEFT_OUT);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "the settings of a conversation can't be read; the usual ones stand in", e);
            return usual;
        }
    }
}
