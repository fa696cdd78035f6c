package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javafx.geometry.Bounds;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.ToggleButton;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.images.EaselState;
import studio.atelier.app.images.ImagesViewModel;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.app.script.Blobs;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.store.ConversationStore;
import studio.atelier.engine.image.Colours;
import studio.atelier.engine.image.Picture;
import studio.atelier.engine.image.PictureFile;

/** The story of a new person with the model that comes with the program; everything is measured in the saved file. */
final class ImagesStarterStoryTest {
    private static final int ORANGE = 0xFF8800;

    @TempDir
    Path folder;

    @Test
    void heartsStarAndWordAreDrawnChangedAndSaved() throws Exception {
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC());
                TestWindow window = window(store)) {
            window.run(() -> images(window)
                    .recipeProperty()
                    .set(images(window).recipeProperty().get().withSeed(Optional.of(7L))));
            type(
                    window,
                    "#image-prompt",
                    "three red hearts and a blue star on transparent background, with the word HELLO");
            window.run(window.<Button>find("#draw")::fire);
            SavedPicture drawn = await(window, 1);
            Picture first = PictureFile.read(images(window).fileOf(drawn)).picture();
            int red = main(first, 0);
            int blue = main(first, 2);
            assertEquals(3, Blobs.of(first, red), "hearts");
            assertEquals(1, Blobs.of(first, blue), "stars");
            assertEquals(0, first.argb(0, 0) >>> 24, "the ground is transparent");
            assertEquals("native", drawn.alpha());

            change(window, "make the star #ff8800");
            Picture second =
                    PictureFile.read(images(window).fileOf(await(window, 2))).picture();
            assertEquals(1, Blobs.of(second, ORANGE), "the star");
            assertEquals(0, Blobs.of(second, blue));
            assertEquals(3, Blobs.of(second, red));

            change(window, "remove one heart");
            await(window, 3);
            Path saved = folder.resolve("hello.png");
            window.run(() -> images(window).save(saved, false));
            TestWindow.await("the file", () -> Files.exists(saved));
            Picture third = PictureFile.read(saved).picture();
            assertEquals(2, Blobs.of(third, red), "hearts that are left");
            assertEquals(1, Blobs.of(third, ORANGE), "the star");
            assertEquals(0, third.argb(0, 0) >>> 24);
            assertFalse(third.opaque());
            assertEquals(
                    List.of(
                            "three red hearts and a blue star on transparent background, with the word HELLO",
                            "make the star #ff8800"),
                    PictureFile.read(saved).provenance().orElseThrow().edits());
        }
    }

    @Test
    void brushSaysWhichThingIsMeant() throws Exception {
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC());
                TestWindow window = window(store)) {
            type(window, "#image-prompt", "four red hearts");
            window.run(window.<Button>find("#draw")::fire);
            SavedPicture drawn = await(window, 1);
            Picture first = PictureFile.read(images(window).fileOf(drawn)).picture();
            ToggleButton brush = window.find("#brush");
            TestWindow.await("the brush", () -> !brush.isDisabled());
            window.run(brush::fire);
            Node layer = window.find("#brush-layer");
            // In the middle of the upper left quarter is the first of the four.
            Bounds place = TestWindow.onWindowThread(() -> layer.localToScreen(layer.getBoundsInLocal()));
            window.keys
                    .moveTo(place.getMinX() + place.getWidth() / 4, place.getMinY() + place.getHeight() / 4)
                    .press(MouseButton.PRIMARY)
                    .release(MouseButton.PRIMARY);
            TestWindow.await(
                    "the paint", () -> images(window).maskProperty().get().isPresent());
            change(window, "make the zebra #ff8800");
            TestWindow.await("a sentence", () -> images(window).stateProperty().get() instanceof EaselState.Failed);
            assertTrue(images(window).maskProperty().get().isPresent(), "the paint is not lost");
            assertEquals("make the zebra #ff8800", words(window), "nor are the words");

            change(window, "make the heart #ff8800");
            Picture second =
                    PictureFile.read(images(window).fileOf(await(window, 2))).picture();
            assertEquals(1, Blobs.of(second, ORANGE), "only what was painted over");
            assertEquals(3, Blobs.of(second, main(first, 0)));
            assertEquals(0xFF000000 | ORANGE, second.argb(first.width() / 4, first.height() / 4));
            assertFalse(TestWindow.onWindowThread(brush::isSelected));

            window.run(brush::fire);
            window.run(layer::requestFocus);
            // From the upper left quarter to the upper right one.
            for (int step = 0; step < 10; step++) {
                window.keys.type(KeyCode.RIGHT);
            }
            window.keys.type(KeyCode.SPACE);
            change(window, "remove it");
            Picture third =
                    PictureFile.read(images(window).fileOf(await(window, 3))).picture();
            assertEquals(2, Blobs.of(third, main(first, 0)), "painted with the keyboard");
            assertEquals(1, Blobs.of(third, ORANGE));
        }
    }

    private static String words(TestWindow window) {
        TextInputControl input = window.find("#change");
        return TestWindow.onWindowThread(input::getText);
    }

    private TestWindow window(ConversationStore store) {
        TestWindow window = TestWindow.open(new Parts(
                folder,
                store,
                new ScriptedModel(folder.resolve("chat")),
                HelpLookup.none(),
                Optional.empty(),
                new PictureModelFolders(folder, List::of),
                Clock.systemUTC()));
        window.run(window.<Button>find("#sidebar-images")::fire);
        TestWindow.await(
                "the model",
                () -> images(window).models().chosenProperty().get().isPresent());
        return window;
    }

    @Test
    void whatItCannotDrawIsSaidAndNothingIsLost() throws Exception {
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC());
                TestWindow window = window(store)) {
            type(window, "#image-prompt", "a photo of my grandmother");
            window.run(window.<Button>find("#draw")::fire);
            TestWindow.await("a sentence", () -> images(window).stateProperty().get() instanceof EaselState.Failed);
            TextInputControl prompt = window.find("#image-prompt");
            assertEquals("a photo of my grandmother", TestWindow.onWindowThread(prompt::getText));
            assertTrue(TestWindow.onWindowThread(() ->
                            window.stage.getScene().lookup("#picture-trouble").getAccessibleText())
                    .contains("download"));
        }
    }

    /** The most frequent colour that is strongest in a channel: 0 red, 1 green, 2 blue. */
    private static int main(Picture picture, int channel) {
        return Colours.measure(picture, 8).stream()
                .mapToInt(Colours.Measured::rgb)
                .filter(rgb -> strength(rgb, channel) > 120
                        && strength(rgb, channel) > 1.5 * strength(rgb, (channel + 1) % 3)
                        && strength(rgb, channel) > 1.3 * strength(rgb, (channel + 2) % 3))
                .findFirst()
                .orElseThrow();
    }

    private static int strength(int rgb, int channel) {
        return rgb >> 8 * (2 - channel) & 255;
    }

    private static void change(TestWindow window, String words) {
        type(window, "#change", words);
        window.keys.type(KeyCode.ENTER);
    }

    private static ImagesViewModel images(TestWindow window) {
        return window.wiring.images;
    }

    private static void type(TestWindow window, String field, String text) {
        TextInputControl input = window.find(field);
        window.run(input::requestFocus);
        window.run(() -> input.setText(text));
    }

    private static SavedPicture await(TestWindow window, int versions) {
        TestWindow.await(
                "version " + versions,
                () -> images(window).thread().size() == versions
                        && images(window).stateProperty().get() instanceof EaselState.Idle);
        return TestWindow.onWindowThread(
                () -> images(window).shownProperty().get().orElseThrow());
    }
}
