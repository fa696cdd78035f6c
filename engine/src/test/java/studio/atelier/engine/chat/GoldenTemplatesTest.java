package studio.atelier.engine.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.chat.TemplateException.Kind;
import studio.atelier.engine.tokenizer.Tokenizer;

/** Real templates against what Jinja2 3.1.6, set up as transformers does, makes of them. */
final class GoldenTemplatesTest {
    @TempDir
    Path scratch;

    @TestFactory
    List<DynamicNode> everyCaseOfEveryTemplate() throws IOException, EngineException {
        var templates = new ArrayList<DynamicNode>();
        for (String name : GoldenTemplates.all()) {
            ChatTemplate template = GoldenTemplates.template(name);
            List<JsonNode> cases = GoldenTemplates.cases("templates/" + name + "/cases.json");
            assertFalse(cases.isEmpty(), name + " has no cases");
            templates.add(dynamicContainer(
                    name,
                    cases.stream()
                            .map(each -> dynamicTest(each.get("name").textValue(), () -> check(template, each)))));
        }
        return templates;
    }

    private static void check(ChatTemplate template, JsonNode each) throws EngineException {
        if (each.has("expected")) {
            assertEquals(each.get("expected").textValue(), render(template, each));
            return;
        }
        var refusal = assertThrows(TemplateException.class, () -> render(template, each));
        boolean raised = each.get("errorKind").textValue().equals("raise_exception");
        assertEquals(raised ? Kind.RAISED : Kind.OTHER, refusal.kind());
        assertEquals(each.get("expectedError").textValue(), refusal.text());
        assertEquals(EngineException.Reason.TEMPLATE_FAILED, refusal.reason());
    }

    private static String render(ChatTemplate template, JsonNode each) throws EngineException {
        return template.render(each.get("messages"), GoldenTemplates.tools(each), each.get("kwargs"));
    }

    /** The way of a prompt: messages through the template, its text through the model's tokenizer. */
    @Test
    void promptsBecomeTheirTokens() throws IOException, EngineException {
        Tokenizer tokenizer = qwen3();
        List<JsonNode> prompts = GoldenTemplates.cases("prompt-ids/qwen3.json");
        var cases = new HashMap<String, JsonNode>();
        GoldenTemplates.cases("templates/Qwen-Qwen3-0.6B/cases.json")
                .forEach(each -> cases.put(each.get("name").textValue(), each));
        ChatTemplate template = GoldenTemplates.template("Qwen-Qwen3-0.6B");
        assertTrue(prompts.size() > 30, "prompts of qwen3");
        for (JsonNode prompt : prompts) {
            String name = prompt.get("case").textValue();
            JsonNode ids = prompt.get("ids");
            int[] expected = IntStream.range(0, ids.size())
                    .map(i -> ids.get(i).intValue())
                    .toArray();
            assertArrayEquals(expected, tokenizer.encode(render(template, cases.get(name))), name);
        }
    }

    private Tokenizer qwen3() throws IOException, EngineException {
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            try (var in = resource(name)) {
                Files.copy(in, scratch.resolve(name));
            }
        }
        return Tokenizer.open(scratch);
    }

    private static InputStream resource(String name) throws IOException {
        var in = GoldenTemplates.open("tokenizers/qwen3/" + name);
        var plain = in == null ? GoldenTemplates.class.getResourceAsStream("/golden/tokenizers/qwen3/" + name) : in;
        if (plain == null) {
            throw new IOException("no golden tokenizer file " + name);
        }
        return plain;
    }

    /** The reference refuses one form of tool arguments; a conversation is rendered all the same. */
    @Test
    void argumentsGoInTheFormThatTheTemplateTakes() throws IOException, EngineException {
        int turned = 0;
        for (String name : GoldenTemplates.NAMES) {
            ChatTemplate template = GoldenTemplates.template(name);
            for (JsonNode each : GoldenTemplates.cases("templates/" + name + "/cases.json")) {
                boolean form = each.get("name").textValue().startsWith("tool_call") && each.has("expectedError");
                if (form && succeeds(template, each)) {
                    turned++;
                }
            }
        }
        assertEquals(8, turned, "conversations that the template takes only in the other form");
    }

    private static boolean succeeds(ChatTemplate template, JsonNode each) {
        try {
            return !template.renderEitherWay(each.get("messages"), GoldenTemplates.tools(each), each.get("kwargs"))
                    .isEmpty();
        } catch (EngineException e) {
            return false;
        }
    }
}
