package studio.atelier.app.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.image.Picture;

final class CutOutTest {
    private static final int SIDE = 16;
    private static final int WHITE = 0xFFFFFFFF;
    private static final int RED = 0xFFFF0000;

    /** A red ring on white, whose middle is white as well, with one mixed pixel at its edge. */
    private static Picture ring() {
        int[] pixels = new int[SIDE * SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int far = Math.max(Math.abs(x - 8), Math.abs(y - 8));
                pixels[y * SIDE + x] = far == 4 || far == 3 ? RED : WHITE;
            }
        }
        pixels[8 * SIDE + 3] = 0xFFFFC0C0;
        return Picture.of(SIDE, SIDE, pixels);
    }

    @Test
    void takesAwayOnlyWhatIsConnectedWithTheBorder() {
        Picture cut = CutOut.of(ring()).orElseThrow();
        assertEquals(0, cut.argb(0, 0));
        assertEquals(RED, cut.argb(4, 8));
        assertEquals(WHITE, cut.argb(8, 8), "what is enclosed is no background");
        int mixed = cut.argb(3, 8);
        assertTrue(mixed >>> 24 > 90 && mixed >>> 24 < 160, Integer.toHexString(mixed));
        assertEquals(0xFFFFC0C0, cut.over(0xFFFFFF).argb(3, 8), "laid on the old background it is as it was");
    }

    @Test
    void leavesABackgroundOfManyColours() {
        int[] pixels = new int[SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = 0xFF000000 | i * 5381 * 33;
        }
        assertEquals(Optional.empty(), CutOut.of(Picture.of(SIDE, SIDE, pixels)));
    }
}
