package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.control.TextArea;
import javafx.scene.input.Clipboard;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.script.OnePage;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.store.ConversationStore;

/** What a person does with a conversation, in a real window with a real store; only the model is scripted. */
final class ChatStoryTest {
    @TempDir
    Path folder;

    private final Clock clock = Clock.systemDefaultZone();
    private ConversationStore store;
    private ScriptedModel model;
    private TestWindow window;

    private void open() throws IOException {
        store = ConversationStore.open(folder.resolve("data"), clock);
        if (model == null) {
            model = new ScriptedModel(folder.resolve("starter"));
        }
        window = TestWindow.open(new Parts(
                folder.resolve("data"),
                store,
                model,
                new OnePage("models", "Getting models"),
                Optional.of(model.info.folder()),
                clock));
    }

    @AfterEach
    void close() throws IOException {
        window.close();
        store.close();
    }

    private void send(String question) {
        window.keys.write(question, 0);
        window.keys.push(KeyCode.ENTER);
    }

    private void click(String inPage) {
        window.page("document.querySelector('" + inPage + "').click()");
    }

    private String draft() {
        return window.<TextArea>find("#composer").getText();
    }

    @Test
    void questionIsTypedAnsweredStoppedEditedAndAnsweredAgain() throws IOException {
        open();
        send("What is Atelier?");
        window.awaitAnswer("Hello there.");
        assertEquals("What is Atelier?", window.page("document.querySelector('.person .plain').textContent"));
        assertEquals("Hello there.", window.page("document.getElementById('announced').textContent"));
        assertEquals("", draft());
        String stats =
                TestWindow.onWindowThread(() -> window.stage.getScene().getRoot().lookupAll("#stats .label").stream()
                        .map(label -> ((Label) label).getText())
                        .reduce("", String::concat));
        assertTrue(stats.contains("61.4 tok/s"), stats);

        // Shift and Return break the line, Return sends; the field grows with its lines, to eight of them.
        double oneLine = composerHeight();
        window.keys.write("two", 0);
        window.keys.push(KeyCode.SHIFT, KeyCode.ENTER);
        window.keys.write("lines", 0);
        assertEquals("two\nlines", draft());
        double twoLines = composerHeight();
        assertTrue(twoLines > oneLine + 15 && twoLines < oneLine + 30, oneLine + " → " + twoLines);
        window.run(() -> window.wiring.chat.draftProperty().set("line\n".repeat(40)));
        assertTrue(composerHeight() < oneLine + 8 * (twoLines - oneLine), "more than eight lines");
        window.run(() -> window.wiring.chat.draftProperty().set("two\nlines"));
        model.endless = true;
        window.keys.push(KeyCode.ENTER);
        window.awaitPage(
                "the second answer",
                "document.querySelectorAll('.answer.open .caret').length === 1"
                        + " && document.querySelector('.answer.open .said').textContent.length > 40");
        assertTrue(window.<Button>find("#stop").isVisible());
        assertFalse(window.<Button>find("#send").isVisible());
        window.keys.push(KeyCode.ESCAPE);
        window.awaitPage("the end of it", "document.querySelectorAll('.open, .caret').length === 0");
        assertEquals(
                "Stopped",
                window.page("[...document.querySelectorAll('.answer .notes')].pop().lastElementChild.textContent"));
        assertTrue(window.<Button>find("#send").isVisible());

        // The up arrow brings the last message back, sending replaces it and its answer.
        model.endless = false;
        model.says("Another", " answer.");
        window.keys.push(KeyCode.UP);
        assertEquals("two\nlines", draft());
        window.keys.write("!", 0);
        window.keys.push(KeyCode.ENTER);
        window.awaitAnswer("Another answer.");
        assertEquals("What is Atelier?|two\nlines!", questions());

        model.says("Third", " answer.");
        window.keys.push(KeyCode.SHORTCUT, KeyCode.R);
        window.awaitAnswer("Third answer.");
        assertEquals("What is Atelier?|two\nlines!", questions());
        assertEquals("2", window.page("document.querySelectorAll('.answer').length"));
    }

    private double composerHeight() {
        TestWindow.sleep(100);
        return window.<TextArea>find("#composer").getHeight();
    }

    private String questions() {
        return window.page("[...document.querySelectorAll('.person .plain')].map(its => its.textContent).join('|')");
    }

    @Test
    void conversationsSurviveARestartAndAreFoundAndDeletedAndBroughtBack() throws IOException {
        open();
        send("First question");
        window.awaitAnswer("Hello there.");
        window.keys.push(KeyCode.SHORTCUT, KeyCode.N);
        model.says("只说", "中文。");
        send("第二个问题");
        window.awaitAnswer("只说中文。");
        window.keys.push(KeyCode.SHORTCUT, KeyCode.N);
        window.keys.write("half a thought", 0);
        close();
        open();

        ListView<?> list = window.find("#chats");
        TestWindow.await("the list", () -> list.getItems().size() == 3);
        window.keys.push(KeyCode.SHORTCUT, KeyCode.DIGIT1);
        window.awaitAnswer("只说中文。");
        assertEquals("第二个问题", window.<Label>find("#chat-title").getText());

        window.keys.push(KeyCode.SHORTCUT, KeyCode.K);
        window.keys.write("first", 0);
        TestWindow.await("what is found", () -> list.getItems().size() == 2);
        window.keys.push(KeyCode.ENTER);
        window.awaitAnswer("Hello there.");
        window.keys.push(KeyCode.SHORTCUT, KeyCode.K);
        window.keys.push(KeyCode.ESCAPE);
        TestWindow.await("the whole list", () -> list.getItems().size() == 3);

        window.run(() -> window.wiring.sidebar.delete(window.conversation()));
        TestWindow.await("one conversation less", () -> list.getItems().size() == 2);
        Button undo = window.find(".notice .button");
        assertEquals("Undo", undo.getText());
        window.run(undo::fire);
        TestWindow.await("the conversation is back", () -> list.getItems().size() == 3);
        window.awaitAnswer("Hello there.");
    }

    @Test
    void messagesAreCopiedDeletedAndBroughtBackFromThePage() throws IOException {
        open();
        model.says("Look:\n\n```java\nint a = 1;\n```\n");
        send("Code");
        window.awaitPage(
                "the code",
                "document.querySelectorAll('.hljs-number').length === 1"
                        + " && document.querySelectorAll('.open').length === 0");
        click(".copy-code");
        TestWindow.await("the code in the clipboard", () -> "int a = 1;\n".equals(clipboard()));
        assertEquals("Copied", window.page("document.querySelector('.copy-code').title"));
        click(".answer [data-act=copy]");
        TestWindow.await(
                "the answer in the clipboard", () -> String.valueOf(clipboard()).contains("```java"));

        window.keys.push(KeyCode.F6).push(KeyCode.F6).push(KeyCode.F6);
        window.page("getSelection().selectAllChildren(document.querySelector('.answer p'))");
        window.keys.push(KeyCode.SHORTCUT, KeyCode.C);
        TestWindow.await(
                "the selection in the clipboard",
                () -> "Look:".equals(String.valueOf(clipboard()).strip()));

        click(".answer [data-act=delete]");
        window.awaitPage("no answer", "document.querySelectorAll('.answer').length === 0");
        Button undo = window.find(".notice .button");
        window.run(undo::fire);
        window.awaitPage("the answer", "document.querySelectorAll('.answer').length === 1");

        click(".person [data-act=edit]");
        TestWindow.await("the question in the composer", () -> draftNow().equals("Code"));
        window.keys.push(KeyCode.ESCAPE);
        assertEquals("", draft());

        click(".source");
        TestWindow.await("the help page", () -> window.stage.getScene().lookup("#help-page") != null);
        window.keys.push(KeyCode.ESCAPE);
    }

    private static String clipboard() {
        return Clipboard.getSystemClipboard().getString();
    }

    private String draftNow() {
        return ((TextArea) window.stage.getScene().lookup("#composer")).getText();
    }

    @Test
    void keyboardReachesEveryPart() throws IOException {
        open();
        send("Question");
        window.awaitAnswer("Hello there.");
        assertEquals("composer", focused());
        window.keys.push(KeyCode.F6);
        assertEquals("chats", focused());
        window.keys.push(KeyCode.F6);
        assertEquals("model-picker", focused());
        window.keys.push(KeyCode.F6);
        assertEquals("messages", focused());
        window.awaitPage("the last message has the keyboard", "document.activeElement.matches('.answer')");
        window.keys.push(KeyCode.UP);
        window.awaitPage("the one above has it", "document.activeElement.matches('.person')");
        window.keys.push(KeyCode.TAB);
        window.awaitPage("its first action has it", "document.activeElement.dataset.act === 'copy'");
        window.keys.push(KeyCode.SPACE);
        TestWindow.await("the question in the clipboard", () -> "Question".equals(clipboard()));
        window.keys.push(KeyCode.F6);
        assertEquals("composer", focused());
        window.keys.push(KeyCode.SHIFT, KeyCode.F6);
        assertEquals("messages", focused());
        window.keys.push(KeyCode.SHORTCUT, KeyCode.EQUALS);
        window.awaitPage("larger text", "getComputedStyle(document.body).fontSize === '15px'");
        window.keys.push(KeyCode.SHORTCUT, KeyCode.DIGIT0);
        window.awaitPage("normal text", "getComputedStyle(document.body).fontSize === '14px'");
        window.keys.push(KeyCode.SHORTCUT, KeyCode.N);
        assertEquals("composer", focused());
        assertEquals("New chat", window.<Label>find("#chat-title").getText());
        window.keys.push(KeyCode.SHORTCUT, KeyCode.COMMA);
        TestWindow.await("the settings", () -> window.stage.getScene().lookup("#settings") != null);
        window.keys.push(KeyCode.ESCAPE);
    }

    private String focused() {
        return TestWindow.onWindowThread(() -> {
            javafx.scene.Node node = window.stage.getScene().getFocusOwner();
            while (node != null && node.getId() == null) {
                node = node.getParent();
            }
            return node == null ? "nothing" : node.getId();
        });
    }

    @Test
    void coloursAndLanguageChangeWhileItIsOpen() throws IOException {
        open();
        send("Question");
        window.awaitAnswer("Hello there.");
        window.run(() ->
                window.wiring.settings.change(now -> now.withAppearance(studio.atelier.app.theme.Appearance.DARK)));
        window.awaitPage("the dark page", "getComputedStyle(document.body).backgroundColor === 'rgb(28, 28, 30)'");
        window.run(
                () -> window.wiring.settings.change(now -> now.withLanguage(Optional.of(Language.SIMPLIFIED_CHINESE))));
        window.awaitPage(
                "the Chinese page",
                "document.documentElement.lang === 'zh-CN'"
                        + " && document.querySelector('[data-act=copy]').title === '复制'"
                        + " && getComputedStyle(document.body).backgroundColor === 'rgb(28, 28, 30)'");
        assertEquals("新对话", window.find("#new-chat").getAccessibleText());
        window.awaitAnswer("Hello there.");
    }
}
