package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.library.Message;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ScriptedModel;

/** Answers that would like to do more than be read, and answers that are too much, in the real page. */
final class HostileAnswerTest {
    @TempDir
    Path folder;

    private final MemoryArchive archive = new MemoryArchive(Clock.systemUTC());
    private ScriptedModel model;
    private TestWindow window;

    @BeforeEach
    void open() {
        model = new ScriptedModel(folder.resolve("starter"));
    }

    @AfterEach
    void close() {
        window.close();
    }

    private void openWith(Message... messages) {
        archive.put("Kept", Instant.now(), messages);
        window = TestWindow.open(folder.resolve("data"), archive, model, Clock.systemUTC());
        TestWindow.await("the list", () -> window.wiring.library.conversations().size() == 1);
        window.run(() -> window.wiring.sidebar.jumpTo(0));
    }

    private static Message answer(String text) {
        return Message.begun(0).written(text, "").ended(Message.End.COMPLETE, Optional.empty());
    }

    @Test
    void nothingRunsNothingLoadsNothingLeaves() {
        openWith(answer("""
                <script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">

                [run](javascript:window.hacked=3) [go](https://example.org/page) [file](file:///etc/passwd)

                $\\href{javascript:window.hacked=4}{x}$ $\\htmlClass{a}{x}$ $\\includegraphics{https://example.org/a.png}$

                The end.
                """));
        window.awaitPage("the answer", "document.querySelector('.said').textContent.includes('The end.')");
        assertEquals("undefined", window.page("typeof window.hacked"));
        assertEquals(
                "0",
                window.page("document.querySelectorAll('#messages script, #messages img, #messages iframe').length"));
        assertEquals("1", window.page("document.querySelectorAll('#messages a').length"));

        // What the renderer lets through would still be stopped by the page's own policy.
        window.page(
                "const box = document.createElement('div'); document.body.append(box);"
                        + " box.innerHTML = '<b onclick=\"window.hacked = 5\">x</b>'; box.firstChild.click();"
                        + " const code = document.createElement('script'); code.textContent = 'window.hacked = 6'; box.append(code);");
        assertEquals("undefined", window.page("typeof window.hacked"));
        assertEquals(
                "false",
                window.page("(() => { try { const ask = new XMLHttpRequest();"
                        + " ask.open('GET', 'atelier://page/chat.css', false); ask.send(); return ask.status === 200 }"
                        + " catch (e) { return false } })()"));

        window.page("document.querySelector('#messages a').click()");
        TestWindow.await("the browser", () -> window.browsed.equals(List.of("https://example.org/page")));
        window.page("page.apply; alert(JSON.stringify({what: 'link', address: 'file:///etc/passwd'}))");
        window.page("alert('no json'); alert('{}'); alert(JSON.stringify({what: 'copy', key: 99}))");
        TestWindow.sleep(100);
        assertEquals(List.of("https://example.org/page"), window.browsed);

        // A page that was led away comes back with its messages.
        window.page("window.location.href = 'about:blank'; 0");
        TestWindow.sleep(200);
        window.awaitPage("the answer again", "document.querySelector('.said').textContent.includes('The end.')");
    }

    @Test
    void millionCharactersArriveAndTheWindowGoesOn() {
        String paragraph = "Some words, and some more. ".repeat(38) + "\n\n";
        openWith(answer(paragraph.repeat(1_000) + "The end."), answer("```\n" + "x".repeat(300_000) + "\n```"));
        window.awaitPage("the long answer", "document.querySelectorAll('.message:first-child .block').length === 1001");
        assertEquals("300001", window.page("document.querySelector('.message:last-child code').textContent.length"));
        window.run(() -> window.wiring.chat.ask("Still there?"));
        window.awaitAnswer("Hello there.");
    }

    @Test
    void oldMessagesComeWhenTheReaderGoesUp() {
        List<Message> many = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            many.add(answer("Answer number " + i + "\n\nwith\n\nsome\n\nlines"));
        }
        openWith(many.toArray(Message[]::new));
        window.awaitPage("the last messages", "document.querySelectorAll('.message').length === 30");
        assertEquals("true", window.page("innerHeight + scrollY >= document.documentElement.scrollHeight - 2"));
        window.page("scrollTo(0, 100)");
        window.awaitPage("older ones", "document.querySelectorAll('.message').length === 60");
        assertEquals(
                "true",
                window.page("(() => { const top = [...document.querySelectorAll('.message')]"
                        + ".find(its => its.getBoundingClientRect().bottom > 0);"
                        + " return /number (3[6-9]|4[0-4])/.test(top.textContent) })()"));
        assertEquals("false", window.page("document.getElementById('latest').hidden"));

        // Reading above, an answer does not pull the reader down; the pill does.
        window.run(() -> window.wiring.chat.ask("And now?"));
        window.awaitAnswer("Hello there.");
        assertEquals("false", window.page("innerHeight + scrollY >= document.documentElement.scrollHeight - 40"));
        window.page("document.getElementById('latest').click()");
        window.awaitPage("the end", "innerHeight + scrollY >= document.documentElement.scrollHeight - 2");
        assertEquals("true", window.page("document.getElementById('latest').hidden"));
    }
}
