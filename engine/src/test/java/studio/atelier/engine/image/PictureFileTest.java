package studio.atelier.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PictureFileTest {
    private static final Provenance STORY = new Provenance(
            "three red hearts, 三颗红心",
            "Janus-Pro-1B",
            42,
            5,
            3,
            0,
            5,
            "old.png",
            List.of("a heart", "three, \"please\""),
            "native",
            List.of("#ff8800"));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void writesPixelsThatAnotherReaderReads(boolean transparent) throws IOException {
        Picture picture = random(37, 23, transparent);
        Path file = folder.resolve("a.png");
        new PictureFile(picture, Optional.of(STORY)).write(file);
        var read = ImageIO.read(file.toFile());
        assertEquals(transparent, read.getColorModel().hasAlpha());
        assertEquals(picture, Picture.of(37, 23, read.getRGB(0, 0, 37, 23, null, 0, 37)));
        assertEquals(picture, PictureFile.read(file).picture());
    }

    @Test
    void tellsHowThePictureCameToBe() throws IOException {
        Path file = folder.resolve("a.png");
        new PictureFile(random(5, 3, true), Optional.of(STORY)).write(file);
        assertEquals(Optional.of(STORY), PictureFile.read(file).provenance());
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertTrue(bytes.contains("trainedAlgorithmicMedia"));
        assertTrue(bytes.contains("Steps: 0, Sampler: Autoregressive, CFG scale: 5, Seed: 42, Size: 5x3"));
    }

    @Test
    void tellsNothingWhenStripped() throws IOException {
        Path file = folder.resolve("a.png");
        PictureFile whole = new PictureFile(random(5, 3, true), Optional.of(STORY));
        whole.stripped().write(file);
        PictureFile read = PictureFile.read(file);
        assertEquals(whole.picture(), read.picture());
        assertTrue(read.provenance().isEmpty());
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains("heart") || bytes.contains("xmp"));
    }

    @Test
    void readsWhatOtherProgramsSay() throws IOException {
        Path file = folder.resolve("a.png");
        byte[] plain = PngWriter.bytes(random(8, 8, false), Optional.empty());
        String said =
                "a castle\nat night\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 99,"
                        + " Size: 8x8, Model: dream v2";
        Files.write(file, withChunk(plain, "tEXt", ("parameters\0" + said).getBytes(StandardCharsets.ISO_8859_1)));
        Provenance read = PictureFile.read(file).provenance().orElseThrow();
        assertEquals("a castle\nat night", read.prompt());
        assertEquals(20, read.steps());
        assertEquals(7.5, read.guidance());
        assertEquals(99, read.seed());
        assertEquals("dream v2", read.model());
    }

    @Test
    void readsThePictureOfAnOddStory() throws IOException {
        Path file = folder.resolve("a.png");
        byte[] plain = PngWriter.bytes(random(8, 8, false), Optional.empty());
        for (String text : List.of("[", "{}", "null", "{\"prompt\":7}", "[".repeat(100_000))) {
            Files.write(file, withChunk(plain, "iTXt", ("atelier\0\0\0\0\0" + text).getBytes(StandardCharsets.UTF_8)));
            assertTrue(PictureFile.read(file).provenance().isEmpty());
        }
    }

    @Test
    void refusesBrokenFilesInOneSentence() throws IOException {
        byte[] whole = PngWriter.bytes(random(40, 40, true), Optional.of(STORY));
        for (int length = 1; length < whole.length; length += 13) {
            refuses(Arrays.copyOf(whole, length));
        }
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
            refuses(damaged);
        }
        refuses("no picture".getBytes(StandardCharsets.UTF_8));
        refuses(new byte[0]);
    }

    @Test
    void refusesSizesThatNobodyHasMemoryFor() throws IOException {
        byte[] whole = PngWriter.bytes(random(4, 4, false), Optional.empty());
        ByteBuffer.wrap(whole).putInt(16, 60_000).putInt(20, 60_000);
        CRC32 crc = new CRC32();
        crc.update(whole, 12, 17);
        ByteBuffer.wrap(whole).putInt(29, (int) crc.getValue());
        assertTrue(refuses(whole).contains("60000 × 60000"));
    }

    private String refuses(byte[] bytes) throws IOException {
        Path file = folder.resolve("broken.png");
        Files.write(file, bytes);
        String said = String.valueOf(
                assertThrows(IOException.class, () -> PictureFile.read(file)).getMessage());
        assertTrue(said.endsWith(".") && !said.contains("\n"), said);
        return said;
    }

    @Test
    void writesJpegWithoutTransparency() throws IOException {
        Path file = folder.resolve("a.jpg");
        int[] pixels = new int[64 * 64];
        Arrays.fill(pixels, 0, pixels.length / 2, 0xFFCC3300);
        new PictureFile(Picture.of(64, 64, pixels), Optional.of(STORY)).write(file);
        Picture read = PictureFile.read(file).picture();
        assertTrue(read.opaque());
        assertEquals(0xCC, read.argb(20, 10) >> 16 & 255, 4);
        assertEquals(255, read.argb(20, 60) & 255, 4);
        assertTrue(Files.readString(file, StandardCharsets.ISO_8859_1).contains("trainedAlgorithmicMedia"));
    }

    @Test
    void measuresAndSnapsColours() {
        int[] pixels = new int[100];
        Arrays.fill(pixels, 0, 60, 0xFFFF8A04);
        Arrays.fill(pixels, 60, 90, 0xFF2244CC);
        Picture picture = Picture.of(10, 10, pixels);
        List<Colours.Measured> measured = Colours.measure(picture, 2);
        assertEquals("#ff8a04", Colours.hex(measured.getFirst().rgb()));
        assertEquals(60.0 / 90, measured.getFirst().share(), 1e-9);
        Picture snapped = Colours.snap(picture, 0xFF8800, 5);
        assertEquals(0xFFFF8800, snapped.argb(0, 0));
        assertEquals(0xFF2244CC, snapped.argb(0, 6));
        assertEquals(0, snapped.argb(0, 9));
    }

    @Test
    void edgesOfFlatArtAreNoColoursOfItsOwn() {
        int[] pixels = new int[100 * 100];
        Arrays.fill(pixels, 0xFFFFE066);
        Arrays.fill(pixels, 0, 3000, 0xFF2F9E44);
        Arrays.fill(pixels, 3000, 3010, 0xFF123456);
        Arrays.setAll(pixels, i -> i >= 3010 && i < 3080 ? 0xFF000000 | i * 0x30405 & 0xFFFFFF : pixels[i]);
        List<String> flat = Colours.measure(Picture.of(100, 100, pixels), 8).stream()
                .map(colour -> Colours.hex(colour.rgb()))
                .toList();
        assertEquals(List.of("#ffe066", "#2f9e44", "#123456"), flat, "a small thing counts, mixed edges don't");
        int[] many =
                new Random(3).ints(100 * 100).map(pixel -> pixel | 0xFF000000).toArray();
        assertEquals(8, Colours.measure(Picture.of(100, 100, many), 8).size(), "a photograph has all its colours");
    }

    @Test
    void scalesAFlatPictureToAFlatPicture() {
        int[] pixels = new int[30 * 20];
        Arrays.fill(pixels, 0x80FF8800);
        Picture scaled = Scaling.scaled(Picture.of(30, 20, pixels), 13, 47);
        for (int pixel : scaled.pixels()) {
            assertEquals(0x80FF8800, pixel);
        }
        Picture framed = Scaling.framed(Picture.of(30, 20, pixels).over(0), 24, 0x7F7F7F);
        assertEquals(0xFF7F7F7F, framed.argb(12, 1));
        assertEquals(24, framed.width());
    }

    private static byte[] withChunk(byte[] png, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        // Behind the signature and the header.
        return ByteBuffer.allocate(png.length + data.length + 12)
                .put(png, 0, 33)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) crc.getValue())
                .put(png, 33, png.length - 33)
                .array();
    }

    private static Picture random(int width, int height, boolean transparent) {
        Random random = new Random(3);
        int[] pixels = new int[width * height];
        for (int i = 0; i < pixels.length; i++) {
            int smooth = (i % width * 5 & 255) << 16 | (i / width * 9 & 255) << 8 | random.nextInt(9);
            pixels[i] = (transparent ? random.nextInt(256) : 255) << 24 | smooth;
        }
        return Picture.of(width, height, pixels);
    }
}
