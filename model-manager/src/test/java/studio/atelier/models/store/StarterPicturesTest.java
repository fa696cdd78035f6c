package studio.atelier.models.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.Background;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.image.PictureEvent;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureRequest;
import studio.atelier.engine.image.PictureSize;
import studio.atelier.engine.image.PictureTask;
import studio.atelier.engine.weights.Safetensors;

/** The picture model that comes with the program, asked as a person asks it; what it drew is measured in the file. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StarterPicturesTest {
    private static final int RED = 0xFFE03131;
    private static final int BLUE = 0xFF1C7ED6;
    private static final int ORANGE = 0xFFFF8800;
    private static final List<String> GOLDEN_PROMPTS = List.of(
            "three red hearts and a blue star on transparent background, with the word HELLO",
            "五个空心的紫色六边形和两朵大的#12b886花，灰色背景");

    private Path folder;
    private PictureEngine engine;

    @BeforeAll
    void open(@TempDir Path temporary) throws IOException, EngineException {
        folder = temporary;
        Path model = StarterPictures.layOut(folder).orElseThrow();
        // Numbers that are compared must not be rounded for speed.
        engine = PictureEngine.open(model, BackendChoice.CPU_FLOAT);
    }

    @AfterAll
    void close() {
        engine.close();
    }

    private PictureEvent last(PictureRequest request) throws Exception {
        CompletableFuture<PictureEvent> last = new CompletableFuture<>();
        engine.draw(request, event -> {
            if (!(event instanceof PictureEvent.Progress)) {
                last.complete(event);
            }
        });
        return last.get();
    }

    /** Draws, writes, and reads the file as another program would. */
    private BufferedImage drawn(String prompt, String name, String... source) throws Exception {
        PictureRequest request = PictureRequest.of(prompt).withSeed(3);
        if (source.length > 0) {
            request = request.withSources(List.of(PictureFile.read(folder.resolve(source[0]))));
        }
        var finished = assertInstanceOf(PictureEvent.Finished.class, last(request));
        finished.file().write(folder.resolve(name));
        return ImageIO.read(folder.resolve(name).toFile());
    }

    private String refused(PictureRequest request) throws Exception {
        return String.valueOf(assertInstanceOf(PictureEvent.Failed.class, last(request))
                .cause()
                .getMessage());
    }

    /** Connected pieces of one colour. */
    private static int pieces(BufferedImage image, int argb) {
        int width = image.getWidth();
        int height = image.getHeight();
        boolean[] seen = new boolean[width * height];
        int pieces = 0;
        for (int start = 0; start < seen.length; start++) {
            if (seen[start] || image.getRGB(start % width, start / width) != argb) {
                continue;
            }
            pieces++;
            Deque<Integer> edge = new ArrayDeque<>(List.of(start));
            seen[start] = true;
            while (!edge.isEmpty()) {
                int at = edge.removeLast();
                int x = at % width;
                for (int next : new int[] {at - width, at + width, x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1}) {
                    if (next >= 0
                            && next < seen.length
                            && !seen[next]
                            && image.getRGB(next % width, next / width) == argb) {
                        seen[next] = true;
                        edge.add(next);
                    }
                }
            }
        }
        return pieces;
    }

    @Test
    void drawsAndChangesAsThePersonSays() throws Exception {
        BufferedImage first =
                drawn("three red hearts and a blue star on transparent background, with the word HELLO", "1.png");
        assertEquals(3, pieces(first, RED));
        assertEquals(1, pieces(first, BLUE));
        assertEquals(0, first.getRGB(1, 1) >>> 24);
        assertEquals(5, pieces(first, first.getRGB(111, 700)));
        BufferedImage second = drawn("make the star #ff8800", "2.png", "1.png");
        assertEquals(3, pieces(second, RED));
        assertEquals(1, pieces(second, ORANGE));
        assertEquals(0, pieces(second, BLUE));
        BufferedImage third = drawn("remove one heart", "3.png", "2.png");
        assertEquals(2, pieces(third, RED));
        assertEquals(1, pieces(third, ORANGE));
        assertEquals(0, third.getRGB(1, 1) >>> 24);
    }

    @Test
    void thingsInARowStandEvenly() throws Exception {
        for (String prompt : List.of(
                "three red circles in a row",
                "five red circles in a row",
                "three red circles in a row with the word HOUSES",
                "seven red circles")) {
            BufferedImage image = drawn(prompt, "row.png");
            List<Integer> edges = edges(image, RED);
            for (int i = 0; i < edges.size(); i++) {
                int mirrored = image.getWidth() - edges.get(edges.size() - 1 - i);
                assertEquals(mirrored, edges.get(i), 1, prompt + ": " + edges);
            }
            for (int i = 3; i < edges.size() - 1; i += 2) {
                int first = edges.get(2) - edges.get(1);
                assertEquals(first, edges.get(i + 1) - edges.get(i), 1, prompt + ": " + edges);
            }
        }
    }

    /** Where a colour begins and ends along the row that has the most beginnings. */
    private static List<Integer> edges(BufferedImage image, int argb) {
        List<Integer> most = List.of();
        for (int y = 0; y < image.getHeight(); y++) {
            List<Integer> edges = new java.util.ArrayList<>();
            for (int x = 0; x <= image.getWidth(); x++) {
                boolean here = x < image.getWidth() && image.getRGB(x, y) == argb;
                boolean before = x > 0 && image.getRGB(x - 1, y) == argb;
                if (here != before) {
                    edges.add(x);
                }
            }
            boolean wider = edges.size() == most.size()
                    && !edges.isEmpty()
                    && edges.getLast() - edges.getFirst() > most.getLast() - most.getFirst();
            most = edges.size() > most.size() || wider ? edges : most;
        }
        return most;
    }

    @Test
    void drawsAndChangesInChinese() throws Exception {
        BufferedImage first = drawn("三颗红心和一颗蓝色的星星，透明背景，写着HELLO", "4.png");
        assertEquals(3, pieces(first, RED));
        assertEquals(1, pieces(first, BLUE));
        BufferedImage second = drawn("把星星变成#ff8800", "5.png", "4.png");
        assertEquals(1, pieces(second, ORANGE));
        BufferedImage third = drawn("去掉一颗心", "6.png", "5.png");
        assertEquals(2, pieces(third, RED));
    }

    @Test
    void leavesWhatThereIsWhenStopped() throws Exception {
        CompletableFuture<PictureEvent> last = new CompletableFuture<>();
        CompletableFuture<PictureTask> begun = new CompletableFuture<>();
        begun.complete(engine.draw(PictureRequest.of("nine stars on a red background"), event -> {
            if (event instanceof PictureEvent.Progress progress) {
                if (progress.done() > 0.6) {
                    begun.join().cancel();
                }
            } else {
                last.complete(event);
            }
        }));
        var partial = assertInstanceOf(PictureEvent.Cancelled.class, last.get())
                .partial()
                .orElseThrow()
                .picture();
        assertEquals(RED, partial.argb(0, 0));
        assertEquals(0, partial.argb(0, partial.height() - 1), "rows that were not drawn are transparent");
    }

    @Test
    void saysInOneSentenceWhatItCannotDo() throws Exception {
        assertTrue(refused(PictureRequest.of("two zebras")).contains("zebras"));
        assertTrue(refused(PictureRequest.of("两只斑马")).contains("斑"));
        assertTrue(refused(PictureRequest.of("forty stars")).contains("forty"));
        assertTrue(refused(PictureRequest.of("twelve stars and ten hearts")).contains("22"));
        assertTrue(refused(PictureRequest.of("a star with the word \"ABCDEFGHIJKLMNOP\""))
                .contains("16"));
        assertTrue(refused(PictureRequest.of("red")).contains("three red hearts"));
        assertTrue(refused(PictureRequest.of("a star")
                        .withSize(PictureSize.parse("5000x5000").orElseThrow()))
                .contains("5000"));
        PictureFile foreign =
                new PictureFile(studio.atelier.engine.image.Picture.of(1, 1, new int[1]), java.util.Optional.empty());
        assertTrue(refused(PictureRequest.of("make the star red").withSources(List.of(foreign)))
                .contains("FLUX.2"));
    }

    @Test
    void takesFormAndBackgroundFromTheBuilder() throws Exception {
        PictureRequest request = PictureRequest.of("two green circles")
                .withSeed(1)
                .withSize(PictureSize.parse("16:9").orElseThrow())
                .withBackground(new Background.Plain(0x123456));
        var finished = assertInstanceOf(PictureEvent.Finished.class, last(request));
        assertEquals(1024, finished.file().picture().width());
        assertEquals(576, finished.file().picture().height());
        assertEquals(0xFF123456, finished.file().picture().argb(0, 0));
    }

    @Test
    void computesWhatPyTorchComputes() throws Exception {
        Path golden = Path.of(StarterPicturesTest.class
                .getResource("/golden/starter-image.safetensors")
                .toURI());
        try (Safetensors expected = Safetensors.open(golden)) {
            for (int i = 0; i < GOLDEN_PROMPTS.size(); i++) {
                Path trace = folder.resolve(i + ".safetensors");
                assertInstanceOf(
                        PictureEvent.Finished.class,
                        last(PictureRequest.of(GOLDEN_PROMPTS.get(i))
                                .withSeed(1)
                                .withTrace(trace)));
                try (Safetensors got = Safetensors.open(trace)) {
                    compare(i, expected, got);
                }
            }
        }
    }

    private static void compare(int prompt, Safetensors expected, Safetensors got) {
        float[] plan = floats(expected, prompt + ".plan");
        assertArrayEquals(plan, floats(got, "plan"), 1e-3f);
        float[] cells = floats(got, "cells");
        float[] everyTwelfth = floats(expected, prompt + ".cells");
        int row = cells.length / 144;
        for (int i = 0; i < everyTwelfth.length; i++) {
            assertEquals(everyTwelfth[i], cells[i / row * 12 * row + i % row], 1e-3f);
        }
        assertArrayEquals(bytes(expected, prompt + ".ids"), bytes(got, "cells_ids"), "cells of prompt " + prompt);
    }

    private static byte[] bytes(Safetensors file, String name) {
        return Map.copyOf(file.tensors()).get(name).bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private static float[] floats(Safetensors file, String name) {
        FloatBuffer buffer = java.nio.ByteBuffer.wrap(bytes(file, name))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] numbers = new float[buffer.remaining()];
        buffer.get(numbers);
        return numbers;
    }
}
