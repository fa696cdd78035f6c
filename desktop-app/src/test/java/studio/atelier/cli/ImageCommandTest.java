package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.TinyJanus;
import studio.atelier.engine.image.Picture;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.Provenance;

/** {@code studio image} with the golden Janus. */
final class ImageCommandTest {
    @TempDir
    Path folder;

    private String model = "";

    @BeforeEach
    void layOutJanus() throws IOException {
        Path janus = TinyJanus.layOut(folder.resolve("janus"));
        model = janus.toString();
    }

    @Test
    void drawsIntoFilesThatTellTheirSeeds() throws IOException {
        Path out = folder.resolve("pictures/a.png");
        Ran ran = Ran.with(
                "", "image", "three hearts", "--model", model, "--out", out.toString(), "--seed", "5", "--count", "2");
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("a.png: 64 × 64, model janus, seed 5, "), ran.out());
        assertTrue(ran.out().contains("a-2.png: 64 × 64, model janus, seed 6, "), ran.out());
        assertEquals(64, ImageIO.read(out.toFile()).getWidth());
        Provenance story = PictureFile.read(out).provenance().orElseThrow();
        assertEquals("three hearts", story.prompt());
        assertEquals(5, story.seed());

        Path again = folder.resolve("again.png");
        Ran.with("", "image", "three hearts", "--model", model, "--out", again.toString(), "--seed", "5");
        assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));
        Ran.with("", "image", "three hearts", "--model", model, "--out", again.toString(), "--seed", "5", "--strip");
        assertTrue(PictureFile.read(again).provenance().isEmpty());
        assertEquals(PictureFile.read(out).picture(), PictureFile.read(again).picture());
    }

    @Test
    void drawsOnlyWhatAMaskLeaves() throws IOException {
        String source = folder.resolve("source.png").toString();
        String mask = folder.resolve("mask.png").toString();
        String out = folder.resolve("out.png").toString();
        assertEquals(
                0,
                Ran.with("", "image", "three hearts", "--model", model, "--out", source, "--seed", "5")
                        .code());
        BufferedImage half = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 64; x++) {
                half.setRGB(x, y, 0xFFFFFF);
            }
        }
        ImageIO.write(half, "png", Path.of(mask).toFile());
        String[] asked = {
            "image",
            "a fish",
            "--model",
            model,
            "--out",
            out,
            "--edit",
            source,
            "--mask",
            mask,
            "--guidance",
            "1",
            "--temperature",
            "3",
            "--seed",
            "6"
        };
        Ran ran = Ran.with("", asked);
        assertEquals(0, ran.code(), ran.err());
        Picture before = PictureFile.read(Path.of(source)).picture();
        Picture after = PictureFile.read(Path.of(out)).picture();
        assertEquals(before.argb(10, 40), after.argb(10, 40), "black stays");
        assertNotEquals(before, after);
        refuses("mask", "image", "a fish", "--model", model, "--out", out, "--edit", source);
        refuses("without the picture", "image", "a fish", "--model", model, "--out", out, "--mask", mask);
    }

    /** In a process of its own, whose data folder is the test's. */
    private String starter(int code, String... arguments) throws Exception {
        Process program = Ran.program("C.UTF-8", folder, arguments);
        String out = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(program.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(code, program.waitFor(), err);
        return out + err;
    }

    @Test
    void starterIsNamedAsPeopleKnowItAndRefusesSizes() throws Exception {
        String out = folder.resolve("a.png").toString();
        String said = starter(0, "image", "a red heart", "--out", out);
        assertTrue(said.contains("model Starter pictures, seed "), said);
        assertEquals(
                "Starter pictures",
                PictureFile.read(Path.of(out)).provenance().orElseThrow().model());
        byte[] kept = Files.readAllBytes(Path.of(out));
        assertTrue(starter(1, "image", "a red heart", "--out", out, "--size", "99999x99999")
                .contains("99999"));
        assertTrue(starter(1, "image", "a red heart", "--out", out, "--size", "5000x5000")
                .contains("5000 × 5000"));
        assertArrayEquals(kept, Files.readAllBytes(Path.of(out)), "the picture of before is still there");
    }

    @Test
    void refusesInOneSentence() throws IOException {
        String out = folder.resolve("a.png").toString();
        refuses(
                "--out",
                "image",
                "a heart",
                "--model",
                model,
                "--out",
                folder.resolve("a.gif").toString());
        refuses("64 × 64", "image", "a heart", "--model", model, "--out", out, "--size", "16:9");
        refuses("--size", "image", "a heart", "--model", model, "--out", out, "--size", "large");
        refuses("transparency", "image", "a heart", "--model", model, "--out", out, "--background", "transparent");
        refuses("10000 characters", "image", "x".repeat(10_000), "--model", model, "--out", out);
        refuses("no file", "image", "a heart", "--model", model, "--out", out, "--edit", folder + "/none.png");
        Path broken = folder.resolve("broken.png");
        Files.writeString(broken, "no picture at all");
        refuses("no picture", "image", "a heart", "--model", model, "--out", out, "--edit", broken.toString());
        Path halved = TinyJanus.layOut(folder.resolve("no-decoder"));
        Files.delete(halved.resolve("model.safetensors"));
        refuses("no-decoder", "image", "a heart", "--model", halved.toString(), "--out", out);
        refuses("no folder", "image", "a heart", "--model", folder + "/none", "--out", out);
        assertFalse(Files.exists(Path.of(out)));
    }

    private static void refuses(String word, String... arguments) {
        Ran ran = Ran.with("", arguments);
        assertEquals(1, ran.code(), word);
        assertTrue(ran.err().contains(word), ran.err());
        assertEquals(1, ran.err().strip().lines().count(), ran.err());
    }
}
