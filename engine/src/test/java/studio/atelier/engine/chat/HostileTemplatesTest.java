package studio.atelier.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.EngineException;

/** Templates are untrusted: each ends with a text or with one sentence. */
final class HostileTemplatesTest {
    @ParameterizedTest
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% set l = [1] %}{% for x in l %}{% set _ = l.append(1) %}{% endfor %}",
                "{% set n = namespace(s='xy') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
                "{% set n = namespace(s=[1]) %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}",
                "{% set n = namespace(x=3) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
                "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
                "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}"
                        + "{{ n.x|tojson }}",
                "{% set n = namespace(x=(1,)) %}{% for i in range(60) %}{% set n.x = (n.x, n.x) %}{% endfor %}"
                        + "{{ {n.x: 1} }}",
                "{% set n = namespace(x=[]) %}{% for i in range(2000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}",
                "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{% if 'b' in s %}{% endif %}{% endfor %}",
                "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{{ s|length }}{% endfor %}",
                "{% for x in range(99999) %}{{ 'a' * 100000 }}{% endfor %}",
                "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
                "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
                "{{ 'x' * 10 ** 9 }}",
                "{{ [1] * 10 ** 9 }}",
                "{{ 10 ** (10 ** 10) }}",
                "{{ range(-10 ** 30, 10 ** 30) }}",
                "{{ '%100000000d' % 1 }}",
                "{{ '{:999999999}'.format(1) }}",
                "{{ 'x'.ljust(10 ** 9) }}",
                "{{ ('a' * 100000)|replace('a', 'a' * 100000) }}",
                "{{ [1]|batch(10 ** 9, 0)|list }}",
                "{{ ('[' * 100000)|from_json }}"
            })
    void endsWithOneSentence(String source) throws EngineException {
        var template = ChatTemplate.of(source, Map.of());
        var refusal = assertThrows(TemplateException.class, () -> render(template));
        assertEquals(TemplateException.Kind.OTHER, refusal.kind());
        assertSentence(refusal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "{1:", "-", "not ", "f(", "x[", "1 if 1 else ", "1 + ", "1|abs|", "x.a."})
    void deepExpressionsEndWithOneSentence(String part) {
        var refusal = assertThrows(
                TemplateException.class, () -> render(ChatTemplate.of("{{ " + part.repeat(20_000) + "1 }}", Map.of())));
        assertSentence(refusal);
    }

    @Test
    void deepBlocksEndWithOneSentence() {
        String nested = "{% if 1 %}".repeat(5_000) + "{% endif %}".repeat(5_000);
        assertSentence(assertThrows(TemplateException.class, () -> ChatTemplate.of(nested, Map.of())));
    }

    /** Real templates, damaged at random: whatever comes of them, it is a text or a refusal. */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void damagedTemplatesEndInATextOrARefusal() throws IOException {
        var random = new Random(20260314);
        List<String> names = GoldenTemplates.NAMES;
        int rendered = 0;
        int refused = 0;
        for (int round = 0; round < 1_500; round++) {
            String name = names.get(round % names.size());
            List<JsonNode> cases = GoldenTemplates.cases("templates/" + name + "/cases.json");
            String damaged = damaged(GoldenTemplates.source(name), random);
            JsonNode each = cases.get(random.nextInt(cases.size()));
            try {
                ChatTemplate.of(damaged, Map.of())
                        .render(each.get("messages"), GoldenTemplates.tools(each), each.get("kwargs"));
                rendered++;
            } catch (TemplateException e) {
                assertEquals(EngineException.Reason.TEMPLATE_FAILED, e.reason());
                assertTrue(e.getMessage() != null && !e.getMessage().isBlank(), "a refusal without words");
                refused++;
            } catch (EngineException | RuntimeException e) {
                fail(name + ", round " + round + ": " + e + "\n" + damaged, e);
            }
        }
        assertTrue(rendered > 100 && refused > 100, rendered + " rendered, " + refused + " refused");
    }

    /** Some pieces cut out, doubled, moved, or replaced by something of the language. */
    private static String damaged(String source, Random random) {
        List<String> words = List.of(
                "{{",
                "}}",
                "{%",
                "%}",
                "{#",
                "#}",
                "-%}",
                "'",
                "\"",
                "(",
                ")",
                "[",
                "]",
                "{",
                "}",
                "|",
                ".",
                ",",
                ":",
                "~",
                "+",
                "-",
                "*",
                "/",
                "//",
                "%",
                "**",
                "==",
                "<",
                "=",
                " in ",
                " not ",
                " is ",
                " if ",
                " else ",
                " and ",
                " none ",
                " 0 ",
                " -1 ",
                " 1.5 ",
                " undefined_name ",
                "|length",
                "|tojson",
                "|list",
                "|first",
                "|map('upper')",
                "|sort",
                ".items()",
                ".split('a')",
                "[::-1]",
                "[1:]",
                "{% endif %}",
                "{% endfor %}",
                "{% break %}",
                "loop.index",
                "messages",
                "content",
                "\\",
                "\n",
                "\ud83d",
                "😀");
        var text = new StringBuilder(source);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes && !text.isEmpty(); i++) {
            int from = random.nextInt(text.length());
            int to = Math.min(text.length(), from + 1 + random.nextInt(random.nextBoolean() ? 3 : 30));
            switch (random.nextInt(4)) {
                case 0 -> text.delete(from, to);
                case 1 -> text.insert(from, text.substring(from, to));
                case 2 -> text.replace(from, to, words.get(random.nextInt(words.size())));
                default -> text.insert(random.nextInt(text.length()), text.substring(from, to));
            }
        }
        return text.toString();
    }

    private static String render(ChatTemplate template) throws EngineException {
        var json = JsonNodeFactory.instance;
        return template.render(json.arrayNode(), null, json.objectNode());
    }

    private static void assertSentence(TemplateException refusal) {
        String sentence = refusal.getMessage();
        assertTrue(sentence != null && sentence.startsWith("The model's chat template"), sentence);
        assertTrue(sentence.length() < 400 && sentence.indexOf('\n') < 0, sentence);
    }
}
