package studio.atelier.installers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The icon files are taken apart again, and every picture in them is looked at. */
final class IconFilesTest {
    private IconPictures pictures;

    @BeforeEach
    void read() throws IOException {
        System.setProperty("java.awt.headless", "true");
        pictures = new IconPictures(Path.of("../assets/src/main/resources/studio/atelier/assets/icon.svg")
                .toUri()
                .toURL());
    }

    @Test
    void drawingHasItsShapeAtEverySize() {
        for (int pixels : new int[] {16, 48, 128, 1024}) {
            BufferedImage picture = pictures.picture(pixels);
            assertEquals(0, picture.getRGB(0, 0) >>> 24, "the corner is not transparent at " + pixels);
            int ground = picture.getRGB(pixels / 2, pixels * 8 / 10);
            assertEquals(255, ground >>> 24, "the middle is transparent at " + pixels);
            assertTrue((ground & 0xff) > (ground >> 16 & 0xff), "the ground is not blue at " + pixels);
        }
    }

    @Test
    void icnsHoldsPicturesOfAllTypes() throws IOException {
        ByteBuffer file = ByteBuffer.wrap(IconFiles.icns(pictures));
        assertEquals("icns", type(file));
        assertEquals(file.capacity(), file.getInt());
        List<String> found = new ArrayList<>();
        while (file.hasRemaining()) {
            String type = type(file);
            byte[] png = new byte[file.getInt() - 8];
            file.get(png);
            found.add(type + " " + image(png).getWidth());
        }
        assertEquals(
                List.of(
                        "ic07 128",
                        "ic08 256",
                        "ic09 512",
                        "ic10 1024",
                        "ic11 32",
                        "ic12 64",
                        "ic13 256",
                        "ic14 512",
                        "icp4 16",
                        "icp5 32"),
                found);
    }

    private static String type(ByteBuffer file) {
        byte[] name = new byte[4];
        file.get(name);
        return new String(name, StandardCharsets.US_ASCII);
    }

    @Test
    void icoTellsWhereItsPicturesAre() throws IOException {
        byte[] bytes = IconFiles.ico(pictures);
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0, file.getShort());
        assertEquals(1, file.getShort());
        int count = file.getShort();
        List<Integer> sizes = new ArrayList<>();
        int end = 0;
        for (int i = 0; i < count; i++) {
            int side = file.get() & 0xff;
            assertEquals(side, file.get() & 0xff);
            file.getShort();
            assertEquals(1, file.getShort());
            assertEquals(32, file.getShort());
            int length = file.getInt();
            int offset = file.getInt();
            BufferedImage image = image(Arrays.copyOfRange(bytes, offset, offset + length));
            assertEquals(side == 0 ? 256 : side, image.getWidth());
            sizes.add(image.getWidth());
            end = offset + length;
        }
        assertEquals(List.of(16, 24, 32, 48, 64, 128, 256), sizes);
        assertEquals(bytes.length, end);
    }

    private static BufferedImage image(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        assertNotNull(image, "no picture");
        assertEquals(image.getWidth(), image.getHeight());
        return image;
    }
}
