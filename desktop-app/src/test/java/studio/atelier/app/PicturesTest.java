package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.ChatSettings;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.SampleChat;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.settings.SettingsFile;
import studio.atelier.app.theme.Appearance;
import studio.atelier.engine.ModelInfo;

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
        ScriptedModel model = model(sample);
        MemoryArchive archive = new MemoryArchive(NOON);
        sample.putEarlierChats(archive, NOON.instant());
        Path data = folder.resolve("data");
        new SettingsFile(data.resolve("settings.json"))
                .write(AppSettings.usual()
                        .withLanguage(Optional.of(language))
                        .withAppearance(appearance)
                        .withColumns(new AppSettings.Columns(true, true)));
        try (TestWindow window =
                TestWindow.open(new Parts(data, archive, model, HelpLookup.none(), Optional.empty(), NOON))) {
            window.run(() -> window.wiring.models.open(model.info.folder()));
            window.run(() -> {
                ChatSettings usual = ChatSettings.usual();
                window.wiring
                        .chat
                        .settingsProperty()
                        .set(new ChatSettings(
                                sample.systemPrompt(), usual.sampling(), usual.answerLimit(), usual.help()));
                window.wiring.chat.ask(sample.question());
                window.wiring.chat.draftProperty().set(sample.draft());
            });
            window.run(() -> window.wiring.library.rename(window.conversation(), sample.title()));
            window.awaitPage(
                    "the whole answer",
                    "document.querySelector('.answer .said').textContent.includes('" + sample.lastWords() + "')");
            window.awaitPage("the fonts", "document.fonts.status === 'loaded'");
            // The picture is taken between two blinks of the caret.
            window.page("page.stillness(true)");
            TestWindow.sleep(300);
            BufferedImage picture = window.picture();
            check(window, picture, appearance);
            TARGET.mkdirs();
            assertTrue(ImageIO.write(picture, "png", new File(TARGET, name + ".png")));
        }
    }

    private ScriptedModel model(SampleChat sample) {
        ScriptedModel model = new ScriptedModel(folder.resolve("DeepSeek-V2-Lite-Chat"));
        model.info = new ModelInfo(
                model.info.folder(),
                "DeepSeek-V2-Lite-Chat",
                "deepseek_v2",
                "4-bit",
                163_840,
                8_840_000_000L,
                model.info.backend(),
                false);
        model.says(sample.answer().split("(?<=\\s)"));
        model.tokensPerSecond = 9.3;
        model.earlierTokens = 2_410;
        model.holds = true;
        return model;
    }

    /** That the picture shows what it should: every part of the answer, in its colours, and nothing went wrong. */
    private static void check(TestWindow window, BufferedImage picture, Appearance appearance) {
        assertEquals(1360, picture.getWidth());
        assertEquals(880, picture.getHeight());
        assertEquals(
                "3 3 1",
                window.page(
                        "document.querySelectorAll('.katex').length + ' ' + document.querySelectorAll('tbody tr').length"
                                + " + ' ' + document.querySelectorAll('.caret').length"));
        assertEquals("0", window.page("document.querySelectorAll('.math.raw').length"));
        assertTrue(Integer.parseInt(window.page("document.querySelectorAll('[class^=hljs-]').length")) > 10);
        int ground = appearance == Appearance.DARK ? 0xff1c1c1e : 0xffffffff;
        assertEquals(ground, picture.getRGB(300, 700), "the ground of the page");
        Set<Integer> colours = new HashSet<>();
        for (int x = 260; x < 1040; x += 2) {
            for (int y = 60; y < 700; y += 2) {
                colours.add(picture.getRGB(x, y));
            }
        }
        assertTrue(colours.size() > 200, "the page has only " + colours.size() + " colours");
    }
}
