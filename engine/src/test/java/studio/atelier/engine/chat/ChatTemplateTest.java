package studio.atelier.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/** Where templates come from, and what callers hand them. */
final class ChatTemplateTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void templateFileComesBeforeTheConfiguration() throws Exception {
        write(
                "tokenizer_config.json",
                "{'chat_template': 'old', 'bos_token': '<s>', 'eos_token': {'content': '</s>'}}");
        assertEquals("old", rendered("[]"));
        write("chat_template.json", "{'chat_template': 'newer'}");
        assertEquals("newer", rendered("[]"));
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ bos_token }}newest{{ eos_token }}\n");
        assertEquals("<s>newest</s>", rendered("[]"));
    }

    @Test
    void specialTokensMapStandsBehindTheConfiguration() throws Exception {
        write("special_tokens_map.json", "{'bos_token': 'a', 'pad_token': {'content': 'p'}}");
        write(
                "tokenizer_config.json",
                "{'chat_template': '{{ bos_token }}{{ pad_token }}{{ eos_token is defined }}', 'bos_token': 'b',"
                        + " 'eos_token': null}");
        assertEquals("bpFalse", rendered("[]"));
    }

    @Test
    void toolsChooseTheTemplateForTools() throws Exception {
        write(
                "tokenizer_config.json",
                "{'chat_template': [{'name': 'default', 'template': 'plain'},"
                        + " {'name': 'tool_use', 'template': 'tools {{ tools|length }}'}]}");
        ChatTemplate template = ChatTemplate.open(folder);
        assertEquals("plain", template.render(json("[]"), null, json("{}")));
        assertEquals("tools 2", template.render(json("[]"), json("[{}, {}]"), json("{}")));
        assertEquals("plain", template.source());
    }

    @Test
    void foldersWithoutTemplateAreRefusedInOneSentence() throws Exception {
        refuses(Reason.MODEL_FOLDER_INCOMPLETE, "holds no chat template");
        write("tokenizer_config.json", "{'chat_template': ");
        refuses(Reason.CONFIG_INVALID, "tokenizer_config.json: is not valid JSON");
        write("tokenizer_config.json", "{'chat_template': [{'name': 'default'}]}");
        refuses(Reason.CONFIG_INVALID, "templates with a name");
        write("tokenizer_config.json", "{'chat_template': 'a\\n{% if %}'}");
        refuses(Reason.TEMPLATE_FAILED, "line 2");
    }

    private void refuses(Reason reason, String says) {
        var refusal = assertThrows(EngineException.class, () -> ChatTemplate.open(folder));
        assertEquals(reason, refusal.reason());
        assertTrue(String.valueOf(refusal.getMessage()).contains(says), refusal.getMessage());
    }

    @Test
    void messagesBecomeWhatTemplatesKnow() throws Exception {
        var call = new ToolCall("c1", "weather", "{\"city\": \"北京\", \"days\": 3}");
        var messages = List.of(
                Message.system("Be brief."),
                Message.user("Weather?"),
                new Message(Role.ASSISTANT, "", "I need it.", List.of(call), null, null),
                Message.tool("3 °C", "c1", "weather"));
        var template = ChatTemplate.of("{{ messages|tojson }}", Map.of());
        assertEquals(json("""
                        [{"role": "system", "content": "Be brief."},
                         {"role": "user", "content": "Weather?"},
                         {"role": "assistant", "content": "", "reasoning_content": "I need it.", "tool_calls": [
                           {"id": "c1", "type": "function",
                            "function": {"name": "weather", "arguments": {"city": "北京", "days": 3}}}]},
                         {"role": "tool", "content": "3 °C", "tool_call_id": "c1", "name": "weather"}]"""), json(template.render(messages, null, json("{}"))));
    }

    @Test
    void argumentsAreTurnedOnlyWhenTheTemplateFailsOnThem() throws Exception {
        String asText = "{% for m in messages %}{% for c in m.tool_calls %}"
                + "{{ 'got ' + c.function.arguments }}{% endfor %}{% endfor %}";
        var call = new ToolCall(null, "f", "{\"a\": [1, true], \"b\": \"x, y: z\"}");
        var messages = List.of(new Message(Role.ASSISTANT, "", null, List.of(call), null, null));
        var template = ChatTemplate.of(asText, Map.of());
        assertEquals("got {\"a\": [1, true], \"b\": \"x, y: z\"}", template.render(messages, null, json("{}")));
        var exact = json("[" + messages.getFirst().toJson() + "]");
        assertThrows(TemplateException.class, () -> template.render(exact, null, json("{}")));
        var refusing = ChatTemplate.of("{{ raise_exception('no tools here') }}", Map.of());
        var refusal = assertThrows(TemplateException.class, () -> refusing.render(messages, null, json("{}")));
        assertEquals("no tools here", refusal.text());
        assertEquals(TemplateException.Kind.RAISED, refusal.kind());
    }

    @Test
    void variablesStandInForWhatIsNotGiven() throws Exception {
        var template = ChatTemplate.of(
                "{{ add_generation_prompt }} {{ bos_token }} {{ tools is none }} {{ documents is none }}"
                        + " {{ enable_thinking is defined }}",
                Map.of("bos_token", "<s>"));
        assertEquals("True <s> True True False", template.render(json("[]"), null, json("{}")));
        assertEquals(
                "False <b> True True True",
                template.render(
                        json("[]"),
                        null,
                        json("{\"add_generation_prompt\": false, \"bos_token\": \"<b>\", \"enable_thinking\": true}")));
        var careless = ChatTemplate.of("{% for d in documents %}{{ d }}{% endfor %}.", Map.of());
        assertEquals(".", careless.render(json("[]"), null, json("{}")));
    }

    @Test
    void clockIsTheCallers() throws Exception {
        var template = ChatTemplate.of("{{ strftime_now('%d %b %Y, %H:%M') }}", Map.of())
                .withClock(Clock.fixed(Instant.parse("2026-07-04T09:05:00Z"), ZoneOffset.UTC));
        assertEquals("04 Jul 2026, 09:05", template.render(json("[]"), null, json("{}")));
    }

    @Test
    void thinkingIsKnownFromTheTemplate() throws Exception {
        assertTrue(GoldenTemplates.template("Qwen-Qwen3-0.6B").knowsThinking());
        assertTrue(GoldenTemplates.template("openai-gpt-oss-120b").knowsThinking());
        assertFalse(GoldenTemplates.template("Qwen-Qwen2.5-7B-Instruct").knowsThinking());
        assertFalse(GoldenTemplates.template("microsoft-Phi-3.5-mini-instruct").knowsThinking());
    }

    private void write(String name, String json) throws IOException {
        Files.writeString(folder.resolve(name), json.replace('\'', '"'));
    }

    private String rendered(String messages) throws EngineException, IOException {
        return ChatTemplate.open(folder).render(json(messages), null, json("{}"));
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }
}
