package studio.atelier.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.weights.Safetensors;

/** Pictures asked for as the window and the terminal do, of a whole folder with a small Janus. */
final class PictureEngineTest {
    @TempDir
    Path folder;

    private static final PictureRequest HEARTS =
            PictureRequest.of("three hearts").withSeed(7);

    /** All events of one request. */
    private static List<PictureEvent> events(PictureEngine engine, PictureRequest request) throws Exception {
        List<PictureEvent> heard = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        engine.draw(request, event -> {
            heard.add(event);
            if (!(event instanceof PictureEvent.Progress)) {
                over.complete(true);
            }
        });
        over.get(60, TimeUnit.SECONDS);
        return heard;
    }

    private static PictureFile finished(PictureEngine engine, PictureRequest request) throws Exception {
        return assertInstanceOf(
                        PictureEvent.Finished.class, events(engine, request).getLast())
                .file();
    }

    private static String refused(PictureEngine engine, PictureRequest request) throws Exception {
        PictureEvent last = events(engine, request).getLast();
        return String.valueOf(
                assertInstanceOf(PictureEvent.Failed.class, last).cause().getMessage());
    }

    private PictureEngine open() throws IOException, EngineException {
        return PictureEngine.open(JanusFolder.layOut(folder.resolve("janus")), BackendChoice.CPU);
    }

    @Test
    void drawsTheSamePictureForTheSameSeed() throws Exception {
        try (PictureEngine engine = open()) {
            PictureFile first = finished(engine, HEARTS);
            assertEquals(64, first.picture().width());
            assertEquals(first, finished(engine, HEARTS));
            // Without guidance and hot, because the small model's guided choices are nearly certain.
            PictureRequest free = HEARTS.withGuidance(1).withTemperature(3);
            assertNotEquals(
                    finished(engine, free).picture(),
                    finished(engine, free.withSeed(8)).picture());
            Provenance story = first.provenance().orElseThrow();
            assertEquals("three hearts", story.prompt());
            assertEquals(7, story.seed());
            assertEquals("janus", story.model());
            assertTrue(story.colours().getFirst().matches("#[0-9a-f]{6}"));
        }
    }

    @Test
    void showsThePictureFromTheTopDown() throws Exception {
        try (PictureEngine engine = open()) {
            List<PictureEvent> heard = events(engine, HEARTS);
            double done = -1;
            Optional<Picture> shown = Optional.empty();
            for (PictureEvent event : heard) {
                if (event instanceof PictureEvent.Progress(double now, Optional<Picture> partial)) {
                    assertTrue(now >= done);
                    done = now;
                    shown = partial.isPresent() ? partial : shown;
                }
            }
            Picture last = shown.orElseThrow();
            assertEquals(0xFF, last.argb(3, 3) >>> 24);
            assertEquals(0, last.argb(3, 63));
        }
    }

    @Test
    void leavesWhatThereIsWhenCancelled() throws Exception {
        try (PictureEngine engine = open()) {
            CompletableFuture<PictureEvent> last = new CompletableFuture<>();
            List<PictureTask> tasks = new ArrayList<>();
            CompletableFuture<PictureTask> begun = new CompletableFuture<>();
            tasks.add(engine.draw(HEARTS, event -> {
                if (event instanceof PictureEvent.Progress(double done, Optional<Picture> _)) {
                    if (done > 0.5) {
                        begun.join().cancel();
                    }
                } else {
                    last.complete(event);
                }
            }));
            begun.complete(tasks.getFirst());
            var cancelled = assertInstanceOf(PictureEvent.Cancelled.class, last.get(60, TimeUnit.SECONDS));
            Picture partial = cancelled.partial().orElseThrow().picture();
            assertEquals(0xFF, partial.argb(0, 0) >>> 24);
            assertEquals(0, partial.argb(0, 63));
            assertEquals(64, finished(engine, HEARTS).picture().height());
        }
    }

    /** The left half of a square is to change. */
    private static PictureMask leftHalf() {
        BitSet changed = new BitSet(4);
        changed.set(0);
        changed.set(2);
        return PictureMask.of(2, 2, changed);
    }

    @Test
    void drawsOnlyWhatAMaskLeavesAnew() throws Exception {
        try (PictureEngine engine = open()) {
            PictureFile source = finished(engine, HEARTS);
            PictureRequest hot =
                    PictureRequest.of("a fish").withSeed(9).withGuidance(1).withTemperature(3);
            PictureRequest over = hot.withSources(List.of(source));
            PictureFile half = finished(engine, over.withRetouch(Retouch.within(leftHalf())));
            int changed = 0;
            for (int y = 0; y < 64; y++) {
                for (int x = 0; x < 64; x++) {
                    boolean same = half.picture().argb(x, y) == source.picture().argb(x, y);
                    assertTrue(same || x < 32, "a pixel that stays, at " + x + ", " + y);
                    changed += same ? 0 : 1;
                }
            }
            assertTrue(changed > 1000, changed + " pixels changed");
            assertEquals(
                    List.of("three hearts"), half.provenance().orElseThrow().edits());

            BitSet all = new BitSet(1);
            all.set(0);
            PictureFile whole = finished(engine, over.withRetouch(Retouch.within(PictureMask.of(1, 1, all))));
            assertEquals(finished(engine, hot).picture(), whole.picture(), "nothing of the source is left");

            // So large a bias leaves no choice, whatever is asked and drawn.
            Retouch bound = new Retouch(Optional.empty(), 1000);
            Retouch free = new Retouch(Optional.empty(), 1e-3);
            PictureRequest other = over.withSeed(10);
            assertEquals(
                    finished(engine, over.withRetouch(bound)).picture(),
                    finished(engine, other.withRetouch(bound)).picture());
            assertNotEquals(
                    finished(engine, over.withRetouch(free)).picture(),
                    finished(engine, other.withRetouch(free)).picture());
        }
    }

    @Test
    void refusesMasksThatMeanNothing() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> Retouch.within(PictureMask.of(2, 2, new BitSet())));
        assertThrows(IllegalArgumentException.class, () -> new Retouch(Optional.empty(), 0));
        assertThrows(IllegalArgumentException.class, () -> new Retouch(Optional.empty(), -1));
        assertThrows(IllegalArgumentException.class, () -> HEARTS.withRetouch(Retouch.within(leftHalf())));
        Picture mask = Picture.of(4, 1, new int[] {0xFFFFFFFF, 0xFF000000, 0x00000000, 0xFF202020});
        BitSet changed = new BitSet();
        changed.set(0);
        changed.set(2);
        assertEquals(PictureMask.of(4, 1, changed), PictureMask.of(mask), "white and transparent are to change");
        assertEquals(0.5, PictureMask.of(mask).share(0, 0, 1, 1));
        assertEquals(0, PictureMask.of(mask).share(1.5, 0, 2, 1), "beyond the picture all stays");
    }

    @Test
    void writesItsNumbersWhenAsked() throws Exception {
        Path trace = folder.resolve("trace.safetensors");
        try (PictureEngine engine = open()) {
            finished(engine, HEARTS.withTrace(trace));
            try (Safetensors file = Safetensors.open(trace)) {
                assertArrayEquals(new long[] {16}, file.tensors().get("tokens").shape());
                assertArrayEquals(
                        new long[] {16, 64}, file.tensors().get("mixed").shape());
                assertArrayEquals(
                        new long[] {64, 64, 3}, file.tensors().get("image").shape());
            }
        }
    }

    @Test
    void refusesWhatTheModelCannotDo() throws Exception {
        try (PictureEngine engine = open()) {
            assertTrue(refused(engine, HEARTS.withSize(new PictureSize(16, 9, true)))
                    .contains("64 × 64"));
            assertTrue(refused(engine, HEARTS.withBackground(new Background.Transparent()))
                    .contains("transparency"));
            PictureFile source = new PictureFile(Picture.of(1, 1, new int[1]), Optional.empty());
            assertTrue(refused(engine, HEARTS.withSources(List.of(source))).contains("mask"));
            assertTrue(
                    refused(engine, HEARTS.withSources(List.of(source, source))).contains("one picture"));
            assertTrue(refused(engine, PictureRequest.of("x".repeat(300))).contains("shorten the prompt"));
            Path nowhere = folder.resolve("no/such/folder.safetensors");
            assertTrue(refused(engine, HEARTS.withTrace(nowhere)).contains("can't be written"));
            assertEquals(64, finished(engine, HEARTS).picture().height());
        }
        assertThrows(IllegalArgumentException.class, () -> PictureRequest.of("x".repeat(10_000)));
        assertThrows(IllegalArgumentException.class, () -> PictureRequest.of(" "));
        assertThrows(IllegalArgumentException.class, () -> new PictureSize(99_999, 99_999, false));
    }

    @Test
    void refusesAFolderWithoutItsParts() throws Exception {
        Path whole = JanusFolder.layOut(folder.resolve("broken"));
        Files.delete(whole.resolve("tokenizer.json"));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusedToOpen(whole));
        Path noWeights = JanusFolder.layOut(folder.resolve("broken2"));
        Files.delete(noWeights.resolve("model.safetensors"));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusedToOpen(noWeights));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusedToOpen(folder.resolve("nothing")));
        Path decoder = JanusFolder.layOut(folder.resolve("broken3"));
        byte[] file = Files.readAllBytes(decoder.resolve("model.safetensors"));
        String header = new String(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        int at = header.indexOf("gen_vision_model.decoder.conv_out.weight");
        file[at] = 'x';
        Files.write(decoder.resolve("model.safetensors"), file);
        assertEquals(Reason.TENSOR_MISSING, refusedToOpen(decoder));
    }

    private static Reason refusedToOpen(Path folder) {
        return assertThrows(EngineException.class, () -> PictureEngine.open(folder, BackendChoice.CPU))
                .reason();
    }

    private static List<DescriptionEvent> described(PictureEngine engine, Picture picture, String question, int most)
            throws Exception {
        List<DescriptionEvent> heard = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        engine.describe(picture, question, most, event -> {
            heard.add(event);
            if (!(event instanceof DescriptionEvent.Text)) {
                over.complete(true);
            }
        });
        over.get(120, TimeUnit.SECONDS);
        return heard;
    }

    @Test
    void looksAtPictures() throws Exception {
        // The small model's context holds only a little of Janus's opening sentence.
        Path whole = JanusFolder.layOut(folder.resolve("janus"));
        Path config = whole.resolve("config.json");
        String written = Files.readString(config);
        Files.writeString(
                config, written.replace("\"max_position_embeddings\": 256", "\"max_position_embeddings\": 900"));
        int[] dark = new int[90 * 40];
        java.util.Arrays.fill(dark, 0xFF000000);
        int[] bright = new int[90 * 40];
        java.util.Arrays.fill(bright, 0xFFFFAA00);
        try (PictureEngine engine = PictureEngine.open(whole, BackendChoice.CPU_FLOAT)) {
            List<DescriptionEvent> first = described(engine, Picture.of(90, 40, dark), "What is it?", 12);
            assertEquals(new DescriptionEvent.Finished(false), first.getLast());
            assertEquals(first, described(engine, Picture.of(90, 40, dark), "What is it?", 12));
            assertNotEquals(first, described(engine, Picture.of(90, 40, bright), "What is it?", 12));
            var refused = assertInstanceOf(
                    DescriptionEvent.Failed.class,
                    described(engine, Picture.of(90, 40, dark), "x".repeat(700), 12)
                            .getLast());
            assertEquals(Reason.CONTEXT_TOO_LONG, refused.cause().reason());
        }
        try (PictureEngine engine = PictureEngine.open(FluxFolder.layOut(folder.resolve("flux")), BackendChoice.CPU)) {
            var refused = assertInstanceOf(
                    DescriptionEvent.Failed.class,
                    described(engine, Picture.of(90, 40, dark), "What is it?", 12)
                            .getLast());
            assertTrue(String.valueOf(refused.cause().getMessage()).contains("can't look"));
        }
    }

    @Test
    void drawsAndEditsWithFlux() throws Exception {
        Path whole = FluxFolder.layOut(folder.resolve("flux"));
        PictureSize small = new PictureSize(48, 32, false);
        try (PictureEngine engine = PictureEngine.open(whole, BackendChoice.CPU)) {
            assertTrue(engine.info().edits());
            PictureFile drawn = finished(engine, HEARTS.withSize(small).withSteps(2));
            assertEquals(48, drawn.picture().width());
            assertEquals(2, drawn.provenance().orElseThrow().steps());
            assertEquals(drawn, finished(engine, HEARTS.withSize(small).withSteps(2)));
            PictureFile other = finished(
                    engine,
                    PictureRequest.of("a fish").withSeed(7).withSize(small).withSteps(2));
            assertNotEquals(drawn.picture(), other.picture());
            PictureFile edited =
                    finished(engine, HEARTS.withSources(List.of(drawn)).withSteps(2));
            assertEquals(48, edited.picture().width());
            assertNotEquals(drawn.picture(), edited.picture());
            assertTrue(refused(engine, HEARTS.withSources(List.of(drawn)).withRetouch(Retouch.within(leftHalf())))
                    .contains("mask"));
            assertTrue(refused(engine, HEARTS.withSize(new PictureSize(50, 33, false)))
                    .contains("48 × 32"));
            assertTrue(refused(engine, HEARTS.withSize(new PictureSize(8000, 8000, false)))
                    .contains("million"));
        }
        Files.delete(whole.resolve("vae/config.json"));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusedToOpen(whole));
        Files.delete(whole.resolve("transformer/diffusion_pytorch_model.safetensors"));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusedToOpen(whole));
    }

    @Test
    void stopsFluxWithinAStep() throws Exception {
        try (PictureEngine engine = PictureEngine.open(FluxFolder.layOut(folder.resolve("flux")), BackendChoice.CPU)) {
            CompletableFuture<PictureEvent> last = new CompletableFuture<>();
            CompletableFuture<PictureTask> begun = new CompletableFuture<>();
            PictureRequest request =
                    HEARTS.withSize(new PictureSize(32, 32, false)).withSteps(4);
            begun.complete(engine.draw(request, event -> {
                if (event instanceof PictureEvent.Progress(double done, Optional<Picture> _)) {
                    if (done > 0.4) {
                        begun.join().cancel();
                    }
                } else {
                    last.complete(event);
                }
            }));
            var cancelled = assertInstanceOf(PictureEvent.Cancelled.class, last.get(60, TimeUnit.SECONDS));
            assertEquals(32, cancelled.partial().orElseThrow().picture().height());
        }
    }

    @Test
    void refusesWhenClosed() throws Exception {
        PictureEngine engine = open();
        engine.close();
        assertTrue(refused(engine, HEARTS).contains("unloaded"));
        engine.close();
    }
}
