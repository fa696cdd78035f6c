package studio.atelier.app;

import java.io.File;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ScriptedModel;

final class WindowPictureTest {
    @TempDir
    Path folder;

    @Test
    void opens() throws Exception {
        ScriptedModel model = new ScriptedModel(folder.resolve("starter"));
        try (TestWindow window = TestWindow.open(
                folder.resolve("data"),
                new MemoryArchive(Clock.systemDefaultZone()),
                model,
                _ -> Optional.empty(),
                Clock.systemDefaultZone())) {
            TestWindow.sleep(1500);
            ImageIO.write(window.picture(), "png", new File("target/empty.png"));
        }
    }
}
