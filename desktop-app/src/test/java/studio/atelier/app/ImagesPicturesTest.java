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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javafx.scene.control.Button;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.images.EaselState;
import studio.atelier.app.images.ImagesViewModel;
import studio.atelier.app.images.Recipe;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.settings.SettingsFile;
import studio.atelier.app.theme.Appearance;
import studio.atelier.engine.image.Background;

/**
 * The image panel as the README shows it: a real window, and pictures by the model that comes with the program. {@code
 * ./studio pictures} writes them to {@code docs}.
 */
final class ImagesPicturesTest {
    private static final File TARGET = new File(System.getProperty("atelier.pictures", "target/pictures"));
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-11-25T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path folder;

    @Test
    void light() throws Exception {
        picture("images-light", Language.ENGLISH, Appearance.LIGHT);
    }

    @Test
    void dark() throws Exception {
        picture("images-dark", Language.ENGLISH, Appearance.DARK);
    }

    @Test
    void chinese() throws Exception {
        picture("images-zh", Language.SIMPLIFIED_CHINESE, Appearance.LIGHT);
    }

    private void picture(String name, Language language, Appearance appearance) throws Exception {
        boolean chinese = language == Language.SIMPLIFIED_CHINESE;
        new SettingsFile(folder.resolve("settings.json"))
                .write(AppSettings.usual().withLanguage(Optional.of(language)).withAppearance(appearance));
        try (TestWindow window = TestWindow.open(new Parts(
                folder,
                new MemoryArchive(NOON),
                new ScriptedModel(folder.resolve("chat")),
                HelpLookup.none(),
                Optional.empty(),
                new PictureModelFolders(folder, List::of),
                NOON))) {
            window.run(window.<Button>find("#sidebar-images")::fire);
            ImagesViewModel images = window.wiring.images;
            TestWindow.await(
                    "the model", () -> images.models().chosenProperty().get().isPresent());
            draw(window, chinese ? "一棵绿色的树和一座橙色的房子" : "a green tree and an orange house", 3);
            draw(window, chinese ? "深蓝色背景上一排五颗黄色的星星" : "five yellow stars in a row on a dark blue background", 5);
            draw(
                    window,
                    chinese
                            ? "三颗红色的心和一颗蓝色的星星，透明背景，写着HELLO"
                            : "three red hearts and a blue star on transparent background, with the word HELLO",
                    7);
            change(window, chinese ? "把星星变成 #ff8800" : "make the star #ff8800", 2);
            change(window, chinese ? "去掉一颗心" : "remove one heart", 3);
            window.run(images::undo);
            change(window, chinese ? "加上两颗绿色的星星" : "add two green stars", 4);
            window.run(() -> images.recipeProperty()
                    .set(images.recipeProperty()
                            .get()
                            .withObjects(List.of(
                                    new Recipe.Thing(chinese ? "心" : "heart", 3),
                                    new Recipe.Thing(chinese ? "星星" : "star", 1)))
                            .withColours(List.of(
                                    new Recipe.Colour(0xE03131, chinese ? "心" : "hearts"),
                                    new Recipe.Colour(0x1C7ED6, chinese ? "星星" : "star")))
                            .withBackground(new Background.Transparent())));
            TestWindow.sleep(600);
            BufferedImage picture = window.picture();
            check(picture, appearance);
            TARGET.mkdirs();
            assertTrue(ImageIO.write(picture, "png", new File(TARGET, name + ".png")));
        }
    }

    private static void draw(TestWindow window, String prompt, long seed) {
        ImagesViewModel images = window.wiring.images;
        int before = TestWindow.onWindowThread(() -> images.gallery().all().size());
        window.run(() -> {
            images.recipeProperty()
                    .set(images.recipeProperty().get().withPrompt(prompt).withSeed(Optional.of(seed)));
            images.draw();
        });
        TestWindow.await(
                "a picture", () -> drawn(images) && images.gallery().all().size() == before + 1);
    }

    private static void change(TestWindow window, String words, int versions) {
        ImagesViewModel images = window.wiring.images;
        window.run(() -> {
            images.changeProperty().set(words);
            images.change();
        });
        TestWindow.await(
                "version " + versions, () -> drawn(images) && images.thread().size() == versions);
    }

    private static boolean drawn(ImagesViewModel images) {
        return switch (images.stateProperty().get()) {
            case EaselState.Idle _ -> true;
            case EaselState.Opening _, EaselState.Drawing _ -> false;
            case EaselState.Failed failed ->
                throw new AssertionError(failed.trouble().toString());
        };
    }

    /** That it is the panel, in its colours, and full of what it should show. */
    private static void check(BufferedImage picture, Appearance appearance) {
        assertEquals(1360, picture.getWidth());
        assertEquals(880, picture.getHeight());
        int ground = appearance == Appearance.DARK ? 0xff1c1c1e : 0xffffffff;
        assertEquals(ground, picture.getRGB(252, 700), "the ground of the builder");
        Set<Integer> colours = new HashSet<>();
        for (int x = 540; x < 1060; x += 2) {
            for (int y = 60; y < 840; y += 2) {
                colours.add(picture.getRGB(x, y));
            }
        }
        assertTrue(colours.size() > 100, "the panel has only " + colours.size() + " colours");
    }
}
