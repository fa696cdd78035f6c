package studio.atelier.app;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import javafx.application.Application;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.store.DataFolder;

/** The program as JavaFX starts and stops it. */
public final class AtelierApplication extends Application {
    private static final Logger LOG = System.getLogger(AtelierApplication.class.getName());

    private @Nullable OpeningArchive archive;
    private @Nullable Wiring wiring;

    @Override
    public void start(Stage stage) {
        Path folder = DataFolder.find();
        Clock clock = Clock.systemDefaultZone();
        OpeningArchive conversations = new OpeningArchive(folder, clock);
        archive = conversations;
        Wiring parts = new Wiring(new Parts(
                folder,
                conversations,
                new EngineOpener(folder),
                new HelpFinder(),
                EngineOpener.included(folder),
                new PictureModelFolders(folder, () -> PictureModelFolders.installed(folder)),
                clock));
        wiring = parts;
        new MainWindow(parts, stage, address -> getHostServices().showDocument(address)).show();
    }

    @Override
    public void stop() {
        if (wiring != null) {
            wiring.close();
        }
        if (archive != null) {
            try {
                archive.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the conversations could not be closed in good order", e);
            }
        }
    }
}
