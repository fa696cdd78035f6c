package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.SampleChat;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.theme.Appearance;

/**
 * The pictures of the README: a real window with a scripted conversation. {@code ./studio pictures} writes them to {@code
 * docs}; the usual tests write them to {@code target} and look at them.
 */
final class PicturesTest {
    private static final File TARGET = new File(System.getProperty("atelier.pictures", "target/pictures"));
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-11-25T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path folder;

    @Test
    void light() throws Exception {
        picture("chat-light", Language.ENGLISH, Appearance.LIGHT);
    }

    @Test
    void dark() throws Exception {
        picture("chat-dark", Language.ENGLISH, Appearance.DARK);
    }

    @Test
    void chinese() throws Exception {
        picture("chat-zh", Language.SIMPLIFIED_CHINESE, Appearance.LIGHT);
    }

    private void picture(String name, Language language, Appearance appearance) throws Exception {
        SampleChat sample = SampleChat.in(language);
        ScriptedModel model = new ScriptedModel(folder.resolve(sample.model()));
        MemoryArchive archive = new MemoryArchive(NOON);
        sample.putEarlierChats(archive, NOON.instant());
        model.says(sample.answer().split("(?<=\\s)"));
        model.thinks(sample.thoughts().split("(?<=\\s)"));
        model.holds = true;
        try (TestWindow window = TestWindow.open(
                folder.resolve("data"), archive, model, _ -> Optional.empty(), NOON)) {
            TestWindow.onWindowThread(() -> {
                window.wiring.settings.change(now -> now.withLanguage(Optional.of(language))
                        .withAppearance(appearance)
                        .withColumns(new studio.atelier.app.settings.AppSettings.Columns(true, true)));
                return null;
            });
            TestWindow.sleep(2500);
            TestWindow.onWindowThread(() -> {
                window.wiring.chat.ask(sample.question());
                return null;
            });
            TestWindow.sleep(4000);
            BufferedImage picture = window.picture();
            assertEquals(1360, picture.getWidth());
            TARGET.mkdirs();
            assertTrue(ImageIO.write(picture, "png", new File(TARGET, name + ".png")));
        }
    }
}
