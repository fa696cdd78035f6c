package studio.atelier.app;

import java.io.File;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.control.Button;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.*;
import studio.atelier.app.shell.Action;

final class ZzExploreTest {
    @TempDir
    Path folder;

    static void dump(Node n) {
        if (n.getEffect() != null) System.out.println("EFFECT " + n + " " + n.getEffect());
        if (n instanceof Parent p) p.getChildrenUnmodifiable().forEach(ZzExploreTest::dump);
    }

    @Test
    void explore() throws Exception {
        ScriptedModel model = new ScriptedModel(folder.resolve("starter"));
        MemoryArchive archive = new MemoryArchive(Clock.systemUTC());
        SampleChat.in(studio.atelier.app.i18n.Language.ENGLISH).putEarlierChats(archive, java.time.Instant.now());
        model.says("You ", "can ", "open ", "a ", "folder.");
        try (TestWindow w = TestWindow.open(new Parts(folder.resolve("data"), archive, model,
                new OnePage("models", "Getting models"), Optional.of(model.info.folder()), Clock.systemUTC()))) {
            TestWindow.sleep(1500);
            TestWindow.onWindowThread(() -> { dump(w.find0("#chats")); return 0; });
            w.find0("#chats");
            shot(w, "empty");
            TestWindow.onWindowThread(() -> { w.wiring.chat.ask("Where do I find models, and is it possible to use my own?"); return 0; });
            TestWindow.sleep(1500);
            shot(w, "answered");
            TestWindow.onWindowThread(() -> { w.wiring.chat.ask("And this?"); return 0; });
            TestWindow.sleep(1200);
            TestWindow.onWindowThread(() -> { w.web().getEngine().executeScript("document.querySelector('.source').click()"); return 0; });
            TestWindow.sleep(1500);
            shot(w, "help");
            TestWindow.onWindowThread(() -> { ((Button) w.find0("#help-page").lookup(".primary")).fire(); return 0; });
            TestWindow.sleep(700);
            TestWindow.onWindowThread(() -> { w.web().getEngine().executeScript("[...document.querySelectorAll('[data-act=delete]')].pop().click()"); return 0; });
            TestWindow.sleep(700);
            shot(w, "deleted");
            model.holds = true; model.endless = true; model.millisPerWord = 20;
            TestWindow.onWindowThread(() -> { w.wiring.chat.ask("Once more"); return 0; });
            TestWindow.sleep(1500);
            TestWindow.onWindowThread(() -> { w.wiring.chat.stop(); return 0; });
            TestWindow.sleep(500);
            shot(w, "stopped");
            TestWindow.onWindowThread(() -> { w.wiring.models.open(folder.resolve("Qwen3-30B-A3B-broken")); return 0; });
            TestWindow.sleep(900);
            shot(w, "refused");
            TestWindow.onWindowThread(() -> { w.wiring.chat.startNew(); ((Button) w.find0("#model-picker")).fire(); return 0; });
            TestWindow.sleep(900);
            TestWindow.onWindowThread(() -> { for (var win : javafx.stage.Window.getWindows()) if (win instanceof javafx.stage.PopupWindow p) { try { ImageIO.write(javafx.embed.swing.SwingFXUtils.fromFXImage(p.getScene().snapshot(null), null), "png", new File("target/x-popup.png")); } catch (Exception e) { throw new RuntimeException(e);} p.hide(); } return 0; });
            TestWindow.onWindowThread(() -> { w.stage.getScene().getRoot().requestFocus(); javafx.event.Event.fireEvent(w.stage.getScene().getRoot(), new javafx.scene.input.KeyEvent(javafx.scene.input.KeyEvent.KEY_PRESSED, ",", ",", javafx.scene.input.KeyCode.COMMA, false, true, false, false)); return 0; });
            TestWindow.sleep(900);
            shot(w, "settings");
        }
    }

    static void shot(TestWindow w, String n) throws Exception {
        ImageIO.write(w.picture(), "png", new File("target/x-" + n + ".png"));
    }
}
