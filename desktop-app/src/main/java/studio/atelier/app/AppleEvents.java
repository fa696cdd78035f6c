package studio.atelier.app;

import com.sun.glass.ui.Application;
import java.awt.Desktop;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What macOS asks a program to open. It sends events where other systems give arguments: JavaFX hears of files and hands
 * links on to AWT (JDK-8354631). Has not run on a Mac.
 */
final class AppleEvents {
    private static final Logger LOG = System.getLogger(AppleEvents.class.getName());

    private AppleEvents() {}

    /**
     * Listens from now on, for as long as the program runs. Called on the FX thread.
     *
     * @param told texts as arguments would have been; called on the FX thread for files and on AWT's for links
     */
    static void listen(Consumer<List<String>> told) {
        try {
            listenForFiles(told);
        } catch (LinkageError e) {
            // JavaFX has no public name for this, and another version may have another.
            LOG.log(Level.WARNING, "files that are double-clicked can't be opened with this JavaFX", e);
        }
        // AWT waits for the FX thread while it starts, so it can't be started there.
        Thread.ofPlatform().name("atelier-apple-links").daemon().start(() -> listenForLinks(told));
    }

    /** Hears of files, also of those that the program was started for: JavaFX keeps them for the next who listens. */
    static void listenForFiles(Consumer<List<String>> told) {
        Application application = Application.GetApplication();
        application.setEventHandler(new Files(application.getEventHandler(), told));
    }

    private static void listenForLinks(Consumer<List<String>> told) {
        try {
            Desktop.getDesktop()
                    .setOpenURIHandler(
                            event -> told.accept(List.of(event.getURI().toString())));
        } catch (UnsupportedOperationException e) {
            LOG.log(Level.WARNING, "links to Atelier can't be opened", e);
        }
    }

    /** Adds files to what JavaFX listens for itself. */
    private static final class Files extends Application.EventHandler {
        private final Application.EventHandler own;
        private final Consumer<List<String>> told;

        Files(Application.EventHandler own, Consumer<List<String>> told) {
            this.own = own;
            this.told = told;
        }

        @Override
        public void handleOpenFilesAction(Application application, long nanos, String[] files) {
            told.accept(List.of(files));
        }

        @Override
        public void handleQuitAction(Application application, long nanos) {
            own.handleQuitAction(application, nanos);
        }

        @Override
        public void handlePreferencesChanged(Map<String, Object> preferences) {
            own.handlePreferencesChanged(preferences);
        }
    }
}
