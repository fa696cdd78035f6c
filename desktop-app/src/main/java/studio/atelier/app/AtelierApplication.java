package studio.atelier.app;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.stage.Screen;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.instance.OneWindow;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.app.shell.Action;
import studio.atelier.app.store.DataFolder;

/** The program as JavaFX starts and stops it; its parameters are what the window is asked to open. */
public final class AtelierApplication extends Application {
    private static final Logger LOG = System.getLogger(AtelierApplication.class.getName());

    private @Nullable OpeningArchive archive;
    private @Nullable Wiring wiring;
    private @Nullable OneWindow claim;

    @Override
    public void start(Stage stage) {
        Path folder = DataFolder.find();
        if (!isFirst(folder)) {
            Platform.exit();
            return;
        }
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
        MainWindow window =
                new MainWindow(parts, stage, address -> getHostServices().showDocument(address));
        window.show(Screen.getPrimary().getVisualBounds());
        List<String> asked = getParameters().getRaw();
        if (!asked.isEmpty()) {
            window.arrive(requests(asked));
        }
        Consumer<List<String>> told = later -> parts.frames.post(() -> window.arrive(requests(later)));
        if (claim != null) {
            claim.listen(told);
        }
        if (Action.isMac()) {
            AppleEvents.listen(told);
        }
    }

    /** What texts ask for: arguments, those of programs started later, and what Apple's events name. */
    static List<OpenRequest> requests(List<String> texts) {
        return texts.stream().map(OpenRequest::of).flatMap(Optional::stream).toList();
    }

    /** Whether this is the folder's only window; if not, the other one was told. */
    private boolean isFirst(Path folder) {
        try {
            DataFolder.create(folder);
            Optional<OneWindow> mine = OneWindow.claim(folder);
            claim = mine.orElse(null);
            return mine.isPresent() || !OneWindow.tell(folder, getParameters().getRaw());
        } catch (IOException e) {
            // The window says later, and better, what is wrong with the folder.
            LOG.log(Level.WARNING, "the data folder can't be claimed", e);
            return true;
        }
    }

    @Override
    public void stop() {
        if (wiring != null) {
            wiring.close();
        }
        try {
            if (archive != null) {
                archive.close();
            }
            if (claim != null) {
                claim.close();
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the conversations could not be closed in good order", e);
        }
    }
}
