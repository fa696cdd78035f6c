package studio.atelier.app;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import javafx.application.Application;

/** Opens the window, or says in one sentence why there can't be one. */
public final class WindowProgram {
    private WindowProgram() {}

    /** Returns when the window was closed: 0, or 1 when none could be opened. */
    public static int run() {
        if (!hasDisplay(System.getProperty("os.name", ""), System.getProperty("glass.platform", ""), System.getenv())) {
            return refuse(System.err);
        }
        try {
            Application.launch(AtelierApplication.class);
            return 0;
        } catch (UnsupportedOperationException e) {
            // The display is named but nobody answers there.
            return refuse(System.err);
        }
    }

    private static int refuse(PrintStream out) {
        out.println("Atelier can't open a window because this session has no display;"
                + " use ./studio chat \"question\" to ask in the terminal.");
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
