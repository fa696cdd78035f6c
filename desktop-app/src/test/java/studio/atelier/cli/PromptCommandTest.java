package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PromptCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SAID = "[{\"role\": \"user\", \"content\": \"Größe 你好\"}]";

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        write("config.json", "{}");
        write("chat_template.jinja", """
                {%- if not messages %}{{ raise_exception('Nobody said "anything".') }}{% endif -%}
                {{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}
                {% endfor %}{% if tools %}{{ tools | tojson }}{% endif %}
                {%- if add_generation_prompt %}[assistant]{% if not thinking | default(true) %} no thinking{% endif %}{% endif %}""");
        write("tokenizer_config.json", "{\"bos_token\": \"<s>\"}");
        write("messages.json", SAID);
        write("tools.json", "[{\"name\": \"f\"}]");
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void printsThePromptAndNothingElse() {
        assertEquals(
                new Ran(0, "<s>[user] Größe 你好\n[assistant]", ""),
                Ran.with("", "prompt", folder.toString(), "--messages", file("messages.json")));
    }

    @Test
    void setsVariablesAndTools() {
        Ran ran = Ran.with(
                SAID,
                "prompt",
                folder.toString(),
                "--messages",
                "-",
                "--tools",
                file("tools.json"),
                "--set",
                "thinking=false",
                "--set=bos_token=<b>");
        assertEquals("<b>[user] Größe 你好\n[{\"name\": \"f\"}][assistant] no thinking", ran.out());
        Ran open =
                Ran.with(SAID, "prompt", folder.toString(), "--messages", "-", "--set", "add_generation_prompt=false");
        assertEquals("<s>[user] Größe 你好\n", open.out());
    }

    @Test
    void rendersATemplateThatBelongsToNoModel() throws Exception {
        String bare = write("bare.jinja", "{{ messages[0].content }}, {{ strftime_now('%d %b %Y') }}");
        Ran ran = Ran.with(SAID, "prompt", "--template", bare, "--messages", "-", "--now", "2026-03-14T15:09:26");
        assertEquals(new Ran(0, "Größe 你好, 14 Mar 2026", ""), ran);
    }

    @Test
    void answersLines() throws Exception {
        String lines = """
                {"messages": [{"role": "user", "content": "a\\ud83d"}], "kwargs": {"thinking": false}}
                {"messages": []}
                {"messages": [{"role": "user", "content": "b"}], "tools": [{"name": "\\u4f60"}]}
                {"messages": 3}
                broken
                """;
        Ran ran = Ran.with(lines, "prompt", folder.toString(), "--jsonl");
        assertEquals(0, ran.code(), ran.err());
        List<String> answers = ran.out().lines().toList();
        assertEquals(5, answers.size());
        assertEquals(
                "<s>[user] a\ud83d\n[assistant] no thinking",
                read(answers.get(0)).get("prompt").asText());
        assertEquals(
                JSON.readTree("{\"error\": \"Nobody said \\\"anything\\\".\", \"kind\": \"raise_exception\"}"),
                read(answers.get(1)));
        assertTrue(read(answers.get(2)).get("prompt").asText().contains("\"name\": \"你\""), answers.get(2));
        assertEquals("other", read(answers.get(3)).get("kind").asText());
        assertEquals("other", read(answers.get(4)).get("kind").asText());
    }

    private static JsonNode read(String line) throws IOException {
        return JSON.readTree(line);
    }

    @Test
    void refusesInOneSentence() throws Exception {
        refused("needs --messages", folder.toString());
        refused("anything", folder.toString(), "--messages", write("none.json", "[]"));
        refused("not valid JSON", folder.toString(), "--messages", write("bad.json", "[{]"));
        refused("nowhere.json", folder.toString(), "--messages", file("nowhere.json"));
        refused("NAME=VALUE", folder.toString(), "--messages", file("messages.json"), "--set", "alone");
        refused("not both", folder.toString(), "--template", file("chat_template.jinja"), "--messages", "-");
        refused("--now", folder.toString(), "--messages", "-", "--now", "tomorrow");
        refused("--template FILE", "--messages", "-");
        String wrong = write("wrong.jinja", "{% for %}");
        refused("", "--template", wrong, "--messages", file("messages.json"));
    }

    private static void refused(String says, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "prompt";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Ran ran = Ran.with("", all);
        assertEquals(1, ran.code(), ran.toString());
        assertEquals("", ran.out());
        assertTrue(ran.err().contains(says), ran.err());
        assertEquals(1, ran.err().lines().count(), ran.err());
    }
}
