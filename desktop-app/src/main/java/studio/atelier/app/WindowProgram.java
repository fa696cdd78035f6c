package studio.atelier.app;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javafx.application.Application;
import studio.atelier.app.instance.OneWindow;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.app.store.DataFolder;
import studio.atelier.assets.Assets;

/** Opens the window, or says in one sentence why there can't be one. */
public final class WindowProgram {
    private WindowProgram() {}

    /**
     * Opens it, or asks the one that is open to come to the front.
     *
     * @param asked what is to be opened in it; may be empty
     * @return when the window was closed: 0, or 1 when none could be opened
     */
    public static int run(List<OpenRequest> asked) {
        List<String> texts = asked.stream().map(OpenRequest::text).toList();
        if (OneWindow.tell(DataFolder.find(), texts)) {
            System.err.println("Atelier is open already; its window was asked to come to the front.");
            return 0;
        }
        if (!hasDisplay(System.getProperty("os.name", ""), System.getProperty("glass.platform", ""), System.getenv())) {
            return refuse(System.err);
        }
        try {
            Application.launch(AtelierApplication.class, texts.toArray(String[]::new));
            return 0;
        } catch (UnsupportedOperationException e) {
            // The display is named but nobody answers there.
            return refuse(System.err);
        }
    }

    private static int refuse(PrintStream out) {
        out.println("Atelier can't open a window because this session has no display;" + " use " + Assets.command()
                + " chat \"question\" to ask in the terminal.");
        return 1;
    }

    /** Whether a window could be seen; only systems with X11 can be without. */
    static boolean hasDisplay(String system, String platform, Map<String, String> environment) {
        String name = system.toLowerCase(Locale.ROOT);
        return name.contains("mac")
                || name.contains("windows")
                || platform.equalsIgnoreCase("Headless")
                || !environment.getOrDefault("DISPLAY", "").isBlank();
    }
}
