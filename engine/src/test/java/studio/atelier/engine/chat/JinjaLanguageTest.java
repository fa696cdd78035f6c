package studio.atelier.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import studio.atelier.engine.EngineException;

/** Small templates for every corner of the language, with what Jinja2 3.1.6 on Python 3.11 makes of them. */
final class JinjaLanguageTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-14T15:09:26Z"), ZoneOffset.UTC);

    @TestFactory
    List<DynamicTest> everyCorner() throws IOException {
        JsonNode golden;
        try (var in = JinjaLanguageTest.class.getResourceAsStream("/golden/jinja-language.json")) {
            golden = new ObjectMapper().readTree(in);
        }
        assertTrue(golden.get("cases").size() > 350, "cases of the language");
        JsonNode variables = golden.get("variables");
        return StreamSupport.stream(golden.get("cases").spliterator(), false)
                .map(each -> dynamicTest(each.get("template").textValue(), () -> check(each, variables)))
                .toList();
    }

    private static void check(JsonNode each, JsonNode variables) throws EngineException {
        if (each.has("expected")) {
            assertEquals(each.get("expected").textValue(), render(each, variables));
            return;
        }
        var refusal = assertThrows(TemplateException.class, () -> render(each, variables));
        boolean raised = each.get("kind").textValue().equals("raise_exception");
        assertEquals(raised ? TemplateException.Kind.RAISED : TemplateException.Kind.OTHER, refusal.kind());
        if (each.has("error")) {
            assertEquals(each.get("error").textValue(), refusal.text());
        }
    }

    private static String render(JsonNode each, JsonNode variables) throws EngineException {
        return ChatTemplate.of(each.get("template").textValue(), Map.of())
                .withClock(CLOCK)
                .render(variables.get("messages"), null, variables);
    }
}
