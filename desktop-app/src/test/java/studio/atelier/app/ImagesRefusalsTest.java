package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import javafx.scene.control.Button;
import javafx.scene.control.TextInputControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.images.EaselState;
import studio.atelier.app.images.ImagesViewModel;
import studio.atelier.app.images.PictureModels;
import studio.atelier.app.images.Recipe;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.script.TinyJanus;
import studio.atelier.app.store.ConversationStore;
import studio.atelier.engine.image.Picture;
import studio.atelier.engine.image.PictureFile;

/** What nobody can draw or open, in the real window: a sentence with the number, and everything stays as it was set. */
final class ImagesRefusalsTest {
    private static final int MOST_VERSIONS = 40;
    private static final Path GOLDEN = Path.of("..", "engine/src/test/resources/golden/image/janus-tiny");
    private static final String PROMPT = "a red heart and a blue star";

    @TempDir
    Path folder;

    private ConversationStore store;
    private TestWindow window;
    private PictureModels.Choice janus;

    @BeforeEach
    void open() throws IOException {
        Path data = folder.resolve("data");
        janus = new PictureModels.Choice(TinyJanus.layOut(folder.resolve("janus")), "Janus", false);
        store = ConversationStore.open(data, Clock.systemUTC());
        window = TestWindow.open(new Parts(
                data,
                store,
                new ScriptedModel(folder.resolve("chat")),
                HelpLookup.none(),
                Optional.empty(),
                new PictureModelFolders(data, () -> List.of(janus)),
                Clock.systemUTC()));
        window.run(window.<Button>find("#sidebar-images")::fire);
        TestWindow.await(
                "the model", () -> images().models().chosenProperty().get().isPresent());
        write("#image-prompt", PROMPT);
    }

    @AfterEach
    void close() throws IOException {
        window.close();
        store.close();
    }

    @Test
    void hugePicturesAreRefusedWithTheirSize() throws Exception {
        Path bomb = bomb(folder.resolve("bomb.png"), 60_000, 60_000);
        String size = "60000 × 60000";
        refused(size, () -> images().bring(bomb, _ -> {}));
        refused(size, () -> images().addReference(bomb));
        refused(size, () -> images().addChangeReference(bomb));
        assertTrue(images().changeReferences().isEmpty());
        // A side of one pixel less would still be too much in all.
        refused("60000 × 2", () -> images().bring(bomb(folder.resolve("long.png"), 60_000, 2), _ -> {}));
        refused("damaged", () -> images().bring(bomb(folder.resolve("none.png"), 0, 0), _ -> {}));
        assertEquals(0, images().gallery().all().size());
        drawsStill();
    }

    @Test
    void whatIsNoPictureIsRefusedByItsName() throws Exception {
        byte[] png = Files.readAllBytes(GOLDEN.resolve("decoded_arange.png"));
        for (int length : new int[] {0, 1, 8, 33, png.length / 2, png.length - 1}) {
            Path broken = folder.resolve("broken-" + length + ".png");
            Files.write(broken, java.util.Arrays.copyOf(png, length));
            refused(String.valueOf(broken.getFileName()), () -> images().bring(broken, _ -> {}));
            refused(String.valueOf(broken.getFileName()), () -> images().addReference(broken));
        }
        refused("is a folder", () -> images().bring(folder, _ -> {}));
        refused("There is no file", () -> images().bring(folder.resolve("gone.png"), _ -> {}));
        drawsStill();
    }

    @Test
    void tooManyPicturesToFollowAreRefusedByTheirNumber() throws Exception {
        PictureFile file = PictureFile.read(GOLDEN.resolve("decoded_arange.png"));
        List<Recipe.Reference> nine = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            nine.add(new Recipe.Reference(i + ".png", file));
        }
        refused("9 pictures", () -> {
            set(recipe -> recipe.withReferences(nine));
            images().draw();
        });
        assertEquals(9, recipe().references().size(), "what was set is still there");
        set(recipe -> recipe.withReferences(List.of()));
        drawsStill();
    }

    @Test
    void tooLongChangesAreRefusedAndStay() throws Exception {
        drawsStill();
        String tooLong = "make the star #ff8800 ".repeat(500);
        write("#change", tooLong);
        refused(String.valueOf(tooLong.strip().length()), () -> images().change());
        assertEquals(tooLong, read("#change"), "nothing is lost");
        write("#change", "make the star #ff8800");
        window.run(images()::change);
        await(2);
    }

    @Test
    void moreThingsThanFitAreRefusedByTheirNumber() throws Exception {
        refused("40", () -> {
            set(recipe -> recipe.withPrompt("").withObjects(List.of(new Recipe.Thing("star", 40))));
            images().draw();
        });
        assertEquals(1, recipe().objects().size());
        set(recipe -> recipe.withPrompt(PROMPT).withObjects(List.of()));
        drawsStill();
    }

    @Test
    void modelWithoutItsDecoderIsRefusedByTheTensor() throws Exception {
        Path halved = TinyJanus.layOut(folder.resolve("halved"));
        byte[] weights = Files.readAllBytes(halved.resolve("model.safetensors"));
        String name = "gen_vision_model.decoder.conv_out.weight";
        int at = new String(weights, StandardCharsets.ISO_8859_1).indexOf(name);
        weights[at] = 'x';
        Files.write(halved.resolve("model.safetensors"), weights);
        window.run(() -> images().models().chooseFolder(halved));
        refused(name, () -> images().draw());
        assertEquals(PROMPT, read("#image-prompt"));
        TestWindow.await(
                "the model that comes with the program",
                () -> images().models().choices().getFirst().included());
        window.run(() -> images().models().choose(images().models().choices().getFirst()));
        drawsStill();
    }

    @Test
    void thinPicturesThatWereBroughtAreDrawnAnew() throws Exception {
        Path thin = folder.resolve("thin.png");
        new PictureFile(Picture.of(1, 900, new int[900]), Optional.empty()).write(thin);
        window.run(() -> images().models().choose(janus));
        window.run(() -> images().bring(thin, _ -> {}));
        await(1);
        write("#change", "a star");
        window.run(images()::change);
        assertEquals(SavedPicture.Origin.REDRAWN, await(2).origin());
    }

    @Test
    void stoppedPictureIsKeptAsFarAsItWas() throws Exception {
        window.run(() -> images().models().choose(janus));
        window.run(() -> images().stateProperty().subscribe(state -> {
            if (state instanceof EaselState.Drawing drawing && drawing.done() > 0.3) {
                images().stop();
            }
        }));
        window.run(images()::draw);
        SavedPicture stopped = await(1);
        // On a fast machine so small a picture may be whole before the window hears that it is a third.
        for (int version = 2; stopped.whole() && version <= MOST_VERSIONS; version++) {
            write("#change", "a star");
            window.run(images()::change);
            stopped = await(version);
        }
        assertFalse(stopped.whole(), "it was stopped on the way");
        Picture partial = PictureFile.read(images().fileOf(stopped)).picture();
        assertEquals(64, partial.height());
        assertNotEquals(0, partial.argb(32, 0), "the rows that were there");
        assertEquals(PROMPT, read("#image-prompt"));
    }

    /** A header that announces so many pixels, with a checksum that is right. */
    private static Path bomb(Path file, int width, int height) throws IOException {
        byte[] png = Files.readAllBytes(GOLDEN.resolve("decoded_arange.png"));
        ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
        CRC32 crc = new CRC32();
        crc.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
        return Files.write(file, png);
    }

    /** Does something that can't be done, reads the sentence, and closes it. */
    private void refused(String part, Attempt attempt) {
        window.run(() -> {
            try {
                attempt.run();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        TestWindow.await("a sentence with " + part, () -> said().contains(part));
        String said = TestWindow.onWindowThread(this::said);
        assertTrue(said.endsWith(".") && !said.contains("Exception"), said);
        window.run(images()::dismiss);
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws IOException;
    }

    /** The panel is as usable as before. */
    private void drawsStill() {
        assertEquals(PROMPT, read("#image-prompt"));
        window.run(images()::draw);
        assertTrue(await(1).whole());
    }

    private SavedPicture await(int versions) {
        TestWindow.await(
                "version " + versions,
                () -> images().thread().size() == versions
                        && images().stateProperty().get() instanceof EaselState.Idle);
        return TestWindow.onWindowThread(() -> images().shownProperty().get().orElseThrow());
    }

    private ImagesViewModel images() {
        return window.wiring.images;
    }

    private Recipe recipe() {
        return images().recipeProperty().get();
    }

    private void set(java.util.function.UnaryOperator<Recipe> change) {
        Consumer<Recipe> to = images().recipeProperty()::set;
        if (javafx.application.Platform.isFxApplicationThread()) {
            to.accept(change.apply(recipe()));
        } else {
            window.run(() -> to.accept(change.apply(recipe())));
        }
    }

    private void write(String field, String text) {
        TextInputControl input = window.find(field);
        window.run(() -> input.setText(text));
    }

    private String read(String field) {
        TextInputControl input = window.find(field);
        return TestWindow.onWindowThread(input::getText);
    }

    /** On the window's thread. */
    private String said() {
        return images().stateProperty().get() instanceof EaselState.Failed
                ? String.valueOf(
                        window.stage.getScene().lookup("#picture-trouble").getAccessibleText())
                : "";
    }
}
