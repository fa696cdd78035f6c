package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import javafx.geometry.Bounds;
import javafx.scene.Node;
import javafx.scene.control.CheckBox;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.settings.SettingsFile;
import studio.atelier.app.shell.Action;
import studio.atelier.app.theme.Appearance;
import studio.atelier.engine.CacheChoice;

/** The sheet of the settings, as a person finds it in the smallest window. */
final class SettingsStoryTest {
    private static final File TARGET = new File("target/pictures");

    @TempDir
    Path folder;

    @Test
    void theChoiceOfTheCacheHoldsForTheNextModelAndTheNextStart() throws Exception {
        ScriptedModel model = new ScriptedModel(folder.resolve("model"));
        try (TestWindow window = open(model)) {
            CheckBox small = cacheChoice(window);
            assertFalse(small.isSelected());
            window.run(small::fire);
            assertEquals(CacheChoice.AUTOMATIC, model.cache, "what is open stays as it is");
            window.run(() -> window.wiring.models.open(model.info.folder()));
            TestWindow.await("the model", () -> window.wiring.running.model().isPresent());
            assertEquals(CacheChoice.EIGHT_BIT, model.cache);
        }
        assertEquals(CacheChoice.EIGHT_BIT, settingsFile().read().cache());
        try (TestWindow window = open(model)) {
            CheckBox small = cacheChoice(window);
            assertTrue(small.isSelected());
            window.run(small::fire);
        }
        assertEquals(CacheChoice.AUTOMATIC, settingsFile().read().cache());
    }

    @Test
    void theSheetFitsTheSmallestWindow() throws Exception {
        for (Language language : Language.values()) {
            for (Appearance appearance : new Appearance[] {Appearance.LIGHT, Appearance.DARK}) {
                settingsFile()
                        .write(AppSettings.usual()
                                .withLanguage(Optional.of(language))
                                .withAppearance(appearance)
                                .withPlace(new AppSettings.Place(0, 0, 960, 640)));
                try (TestWindow window = open(new ScriptedModel(folder.resolve("model")))) {
                    cacheChoice(window);
                    TestWindow.sleep(300);
                    picture(window, language, appearance);
                    Node sheet = window.find("#settings");
                    Bounds place = TestWindow.onWindowThread(() -> sheet.localToScene(sheet.getLayoutBounds()));
                    double height =
                            TestWindow.onWindowThread(() -> sheet.getScene().getHeight());
                    assertTrue(
                            place.getMinY() >= 0 && place.getMaxY() <= height,
                            language + ": " + place + " in " + height);
                }
            }
        }
    }

    private TestWindow open(ScriptedModel model) {
        return TestWindow.open(folder, new MemoryArchive(Clock.systemUTC()), model, Clock.systemUTC());
    }

    private SettingsFile settingsFile() {
        return new SettingsFile(folder.resolve("settings.json"));
    }

    private static CheckBox cacheChoice(TestWindow window) {
        window.run(() -> window.main.act(Action.SETTINGS));
        return window.find("#settings-cache");
    }

    private static void picture(TestWindow window, Language language, Appearance appearance) throws IOException {
        TARGET.mkdirs();
        String name = "settings-" + language + "-" + appearance + ".png";
        assertTrue(ImageIO.write(window.picture(), "png", new File(TARGET, name.toLowerCase(java.util.Locale.ROOT))));
    }
}
