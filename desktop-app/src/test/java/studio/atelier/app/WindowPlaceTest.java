package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import javafx.geometry.Rectangle2D;
import javafx.stage.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ScriptedModel;

/** Where the window stands when the program is started for the first time. */
final class WindowPlaceTest {
    @TempDir
    Path folder;

    private TestWindow open(Rectangle2D screen) {
        ScriptedModel model = new ScriptedModel(folder.resolve("model"));
        return TestWindow.open(
                new Parts(
                        folder,
                        new MemoryArchive(Clock.systemUTC()),
                        model,
                        HelpLookup.none(),
                        Optional.of(model.info.folder()),
                        Clock.systemUTC()),
                screen);
    }

    @ParameterizedTest(name = "{2} × {3} from {0}, {1}")
    @CsvSource({"0, 0, 1280, 800", "64, 27, 1302, 741", "0, 25, 1440, 810", "0, 0, 800, 600"})
    void fitsTheScreen(double x, double y, double width, double height) {
        try (TestWindow window = open(new Rectangle2D(x, y, width, height))) {
            Stage stage = window.stage;
            TestWindow.onWindowThread(() -> {
                assertTrue(stage.getWidth() <= width, "width " + stage.getWidth());
                assertTrue(stage.getHeight() <= height, "height " + stage.getHeight());
                if (stage.getWidth() == width) {
                    assertEquals(x, stage.getX());
                }
                assertEquals(y, stage.getY());
                assertEquals(height, stage.getHeight());
                return true;
            });
        }
    }

    @Test
    void isAsLargeAsItsContentsWantWhereThereIsRoom() {
        try (TestWindow window = open(new Rectangle2D(0, 0, 1920, 1080))) {
            TestWindow.onWindowThread(() -> {
                assertEquals(1360, window.stage.getScene().getWidth());
                assertEquals(880, window.stage.getScene().getHeight());
                return true;
            });
        }
    }
}
