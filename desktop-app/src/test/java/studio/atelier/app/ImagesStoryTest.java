package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javafx.scene.control.Button;
import javafx.scene.control.TextInputControl;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.images.EaselState;
import studio.atelier.app.images.ImagesViewModel;
import studio.atelier.app.images.PictureModels;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.script.TinyFlux;
import studio.atelier.app.script.TinyJanus;
import studio.atelier.app.store.ConversationStore;
import studio.atelier.engine.image.Background;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureSize;
import studio.atelier.engine.image.Provenance;

/** The image panel in the real window, with the golden Janus as a real model whose pictures mean nothing. */
final class ImagesStoryTest {
    @TempDir
    Path folder;

    private Path janus;

    @BeforeEach
    void layOut() throws IOException {
        janus = TinyJanus.layOut(folder.resolve("janus"));
    }

    @Test
    void picturesAreDrawnChangedKeptAndFound() throws Exception {
        long first;
        try (ConversationStore store = open();
                TestWindow window = window(store)) {
            type(window, "#image-prompt", "three hearts");
            press(window, KeyCode.ENTER, KeyCode.CONTROL);
            SavedPicture drawn = await(window, 1);
            first = drawn.id();
            assertEquals("three hearts", drawn.prompt());
            assertEquals(
                    64, PictureFile.read(images(window).fileOf(drawn)).picture().width());

            type(window, "#change", "make them red");
            press(window, KeyCode.ENTER);
            SavedPicture changed = await(window, 2);
            assertEquals(SavedPicture.Origin.REDRAWN, changed.origin(), "Janus can't change pictures");
            Provenance story = PictureFile.read(images(window).fileOf(changed))
                    .provenance()
                    .orElseThrow();
            assertEquals("three hearts, make them red", story.prompt());
            assertEquals(List.of("three hearts"), story.edits());
            assertEquals(drawn.seed(), changed.seed());
            assertEquals("", read(window, "#change"));

            window.run(window.<Button>find("#undo-edit")::fire);
            assertEquals(drawn.id(), shown(window).id());
            type(window, "#change", "a blue one");
            window.run(window.<Button>find("#send-change")::fire);
            SavedPicture branch = await(window, 3);
            assertEquals(drawn.id(), branch.parent().orElseThrow(), "a change of an older version is a branch");

            window.run(window.<Button>find("#compare")::fire);
            assertTrue(window.find("#curtain").isVisible());
            window.run(window.<Button>find("#vary")::fire);
            SavedPicture other = await(window, 4);
            assertNotEquals(branch.seed(), other.seed());

            window.run(() -> images(window).delete(other));
            assertEquals(3, images(window).thread().size());
            window.run(() -> images(window).restore(other));
            TestWindow.await(
                    "the deleted version", () -> images(window).thread().size() == 4);
        }
        try (ConversationStore store = open();
                TestWindow window = window(store)) {
            TestWindow.await("the gallery", () -> images(window).gallery().all().size() == 4);
            window.run(() -> images(window).gallery().searchProperty().set("hearts"));
            TestWindow.await(
                    "the found one", () -> images(window).gallery().found().size() == 1);
            window.run(
                    () -> images(window).show(images(window).gallery().found().getFirst()));
            TestWindow.await("the thread", () -> images(window).thread().size() == 4);
            assertEquals(first, shown(window).id());
        }
    }

    @Test
    void savedFileTellsItsStoryAndBringsItBack() throws Exception {
        try (ConversationStore store = open();
                TestWindow window = window(store)) {
            window.run(() -> {
                images(window)
                        .recipeProperty()
                        .set(images(window)
                                .recipeProperty()
                                .get()
                                .withPrompt("a star")
                                .withSeed(Optional.of(41L)));
                images(window).draw();
            });
            await(window, 1);
            Path told = folder.resolve("told.png");
            Path silent = folder.resolve("silent.png");
            Path photo = folder.resolve("photo.jpg");
            window.run(() -> images(window).save(told, false));
            window.run(() -> images(window).save(silent, true));
            window.run(() -> images(window).save(photo, false));
            TestWindow.await("the files", () -> Files.exists(told) && Files.exists(silent) && Files.exists(photo));
            assertTrue(PictureFile.read(silent).provenance().isEmpty());
            assertEquals(
                    PictureFile.read(told).picture(), PictureFile.read(silent).picture());

            AtomicBoolean restored = new AtomicBoolean();
            window.run(() -> {
                images(window)
                        .recipeProperty()
                        .set(images(window)
                                .recipeProperty()
                                .get()
                                .withPrompt("")
                                .withSeed(Optional.empty()));
                images(window).bring(told, restored::set);
            });
            TestWindow.await("the prompt", restored::get);
            assertEquals("a star", read(window, "#image-prompt"));
            assertEquals("41", read(window, "#seed"));
            assertEquals(SavedPicture.Origin.BROUGHT, shown(window).origin());
        }
    }

    @Test
    void stoppingKeepsWhatThereIs() throws Exception {
        try (ConversationStore store = open();
                TestWindow window = window(store)) {
            window.run(() -> {
                images(window).stateProperty().subscribe(state -> {
                    if (state instanceof EaselState.Drawing drawing && (drawing.done() > 0.3 || drawing.number() > 1)) {
                        images(window).stop();
                    }
                });
                images(window)
                        .recipeProperty()
                        .set(images(window)
                                .recipeProperty()
                                .get()
                                .withPrompt("a star")
                                .withCount(8));
                images(window).draw();
            });
            TestWindow.await(
                    "the end",
                    () -> images(window).stateProperty().get() instanceof EaselState.Idle
                            && !images(window).thread().isEmpty());
            assertTrue(images(window).thread().size() < 8, "it went on after it was stopped");
        }
    }

    @Test
    void badInputIsAnsweredInASentenceAndNothingIsLost() throws Exception {
        try (ConversationStore store = open();
                TestWindow window = window(store)) {
            String tooLong = "x".repeat(10_000);
            draw(window, tooLong);
            TestWindow.await("a sentence", () -> said(window).contains("10000"));
            assertEquals(tooLong, read(window, "#image-prompt"));
            draw(window, "   ");
            TestWindow.await("a sentence", () -> said(window).contains("empty"));

            Path broken = folder.resolve("broken.png");
            byte[] png = Files.readAllBytes(
                    Path.of("..", "engine/src/test/resources/golden/image/janus-tiny/decoded_arange.png"));
            Files.write(broken, java.util.Arrays.copyOf(png, png.length / 2));
            window.run(() -> images(window).bring(broken, _ -> {}));
            TestWindow.await("a sentence", () -> said(window).contains("broken.png"));
            assertEquals(0, images(window).gallery().all().size());

            Path halved = TinyJanus.layOut(folder.resolve("no-decoder"));
            Files.delete(halved.resolve("model.safetensors"));
            window.run(() -> images(window).models().chooseFolder(halved));
            draw(window, "a star");
            TestWindow.await("a sentence", () -> said(window).contains("no-decoder"));
            assertEquals("a star", read(window, "#image-prompt"));
            window.run(images(window)::dismiss);
            window.run(() -> images(window).models().choose(choice()));
            window.run(images(window)::draw);
            await(window, 1);
        }
    }

    @Test
    void transparencyOfAModelWithoutItIsCutOutOrSaid() throws Exception {
        try (ConversationStore store = open();
                TestWindow window = window(store)) {
            window.run(() -> {
                images(window)
                        .recipeProperty()
                        .set(images(window)
                                .recipeProperty()
                                .get()
                                .withPrompt("a star")
                                .withBackground(new Background.Transparent()));
                images(window).draw();
            });
            SavedPicture drawn = await(window, 1);
            boolean opaque =
                    PictureFile.read(images(window).fileOf(drawn)).picture().opaque();
            assertEquals(opaque ? "none" : "cut out", drawn.alpha());
            assertFalse(drawn.colours().isEmpty());
        }
    }

    @Test
    void fluxFollowsSeveralPicturesInTheSameChange() throws Exception {
        Path flux = TinyFlux.layOut(folder.resolve("FLUX.2-klein"));
        Path other = Path.of("..", "engine/src/test/resources/golden/image/janus-tiny/decoded_sample.png");
        try (ConversationStore store = open();
                TestWindow window = window(store)) {
            window.run(() -> {
                images(window).models().chooseFolder(flux);
                images(window)
                        .recipeProperty()
                        .set(images(window)
                                .recipeProperty()
                                .get()
                                .withPrompt("a star")
                                .withSize(new PictureSize(48, 32, false))
                                .withSeed(Optional.of(5L)));
                images(window).draw();
            });
            SavedPicture drawn = await(window, 1);
            assertEquals("FLUX.2-klein", drawn.model());
            assertEquals(48, drawn.width());
            assertTrue(window.find("#brush").isDisabled(), "it takes no mask");

            type(window, "#change", "as in the other picture");
            press(window, KeyCode.ENTER);
            SavedPicture alone = await(window, 2);
            assertEquals(SavedPicture.Origin.EDITED, alone.origin());
            window.run(() -> images(window).show(drawn));
            window.run(() -> images(window).addChangeReference(other));
            TestWindow.await(
                    "the reference", () -> images(window).changeReferences().size() == 1);
            type(window, "#change", "as in the other picture");
            press(window, KeyCode.ENTER);
            SavedPicture both = await(window, 3);
            assertEquals(alone.seed(), both.seed());
            assertNotEquals(
                    PictureFile.read(images(window).fileOf(alone)).picture(),
                    PictureFile.read(images(window).fileOf(both)).picture(),
                    "the other picture was followed");
            assertEquals(
                    List.of("a star"),
                    PictureFile.read(images(window).fileOf(both))
                            .provenance()
                            .orElseThrow()
                            .edits());
            assertTrue(images(window).changeReferences().isEmpty());

            Files.delete(flux.resolve("vae/diffusion_pytorch_model.safetensors"));
            window.run(() -> {
                images(window).models().choose(choice());
                images(window)
                        .recipeProperty()
                        .set(images(window).recipeProperty().get().withSize(PictureSize.SQUARE));
            });
            draw(window, "a heart");
            await(window, 1);
            window.run(() -> images(window).models().chooseFolder(flux));
            draw(window, "a heart");
            TestWindow.await("a sentence", () -> said(window).contains("vae"));
            assertEquals("a heart", read(window, "#image-prompt"));
        }
    }

    private ConversationStore open() throws IOException {
        return ConversationStore.open(folder.resolve("data"), Clock.systemUTC());
    }

    private PictureModels.Choice choice() {
        return new PictureModels.Choice(janus, "Janus", false);
    }

    private TestWindow window(ConversationStore store) {
        Path data = folder.resolve("data");
        TestWindow window = TestWindow.open(new Parts(
                data,
                store,
                new ScriptedModel(folder.resolve("chat")),
                HelpLookup.none(),
                Optional.empty(),
                new PictureModelFolders(data, () -> List.of(choice())),
                Clock.systemUTC()));
        window.run(window.<Button>find("#sidebar-images")::fire);
        TestWindow.await(
                "the model",
                () -> images(window).models().chosenProperty().get().isPresent());
        window.run(() -> images(window).models().choose(choice()));
        return window;
    }

    private static ImagesViewModel images(TestWindow window) {
        return window.wiring.images;
    }

    private static void draw(TestWindow window, String prompt) {
        TextInputControl input = window.find("#image-prompt");
        window.run(() -> {
            input.setText(prompt);
            images(window).draw();
        });
    }

    private static void type(TestWindow window, String field, String text) {
        TextInputControl input = window.find(field);
        window.run(input::requestFocus);
        window.run(() -> input.setText(text));
    }

    private static void press(TestWindow window, KeyCode key, KeyCode... held) {
        for (KeyCode code : held) {
            window.keys.press(code);
        }
        window.keys.type(key);
        for (KeyCode code : held) {
            window.keys.release(code);
        }
    }

    private static String read(TestWindow window, String field) {
        TextInputControl input = window.find(field);
        return TestWindow.onWindowThread(input::getText);
    }

    private static SavedPicture shown(TestWindow window) {
        return TestWindow.onWindowThread(
                () -> images(window).shownProperty().get().orElseThrow());
    }

    private static SavedPicture await(TestWindow window, int versions) {
        TestWindow.await(
                "version " + versions,
                () -> images(window).thread().size() == versions
                        && images(window).stateProperty().get() instanceof EaselState.Idle);
        return shown(window);
    }

    /** On the window's thread. */
    private static String said(TestWindow window) {
        return images(window).stateProperty().get() instanceof EaselState.Failed
                ? window.stage.getScene().lookup("#picture-trouble").getAccessibleText()
                : "";
    }
}
