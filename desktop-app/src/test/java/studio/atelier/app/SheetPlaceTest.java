package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.shell.Action;

/** A sheet while it comes. */
final class SheetPlaceTest {
    /** In the corner, where there is nothing but the sidebar's ground. */
    private static final int X = 120;

    private static final int Y = 400;

    @TempDir
    Path folder;

    @Test
    void isPaintedNowhereButInTheMiddle() {
        try (TestWindow window = TestWindow.open(
                folder,
                new MemoryArchive(Clock.systemUTC()),
                new ScriptedModel(folder.resolve("model")),
                Clock.systemUTC())) {
            int before = window.picture().getRGB(X, Y) & 0xFF;
            window.run(() -> window.main.act(Action.SETTINGS));
            List<Integer> seen = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                BufferedImage picture = window.picture();
                seen.add(picture.getRGB(X, Y) & 0xFF);
                TestWindow.sleep(20);
            }
            assertEquals(List.of(), seen.stream().filter(blue -> blue > before).toList(), "frames " + seen);
        }
    }
}
