package studio.atelier.app;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where the program keeps what belongs to the person, on each system where its programs do. */
public final class DataFolder {
    /** Names another folder, for a second set of conversations or a stick that is carried about. */
    public static final String VARIABLE = "ATELIER_HOME";

    private DataFolder() {}

    /**
     * The folder of this system and user.
     *
     * @param system {@code os.name}
     * @param home {@code user.home}
     * @param environment the variables of the process
     */
    public static Path of(String system, String home, Map<String, String> environment) {
        String chosen = environment.getOrDefault(VARIABLE, "");
        if (!chosen.isBlank()) {
            return Path.of(chosen);
        }
        String name = system.toLowerCase(Locale.ROOT);
        if (name.contains("mac")) {
            return Path.of(home, "Library", "Application Support", "Atelier");
        }
        if (name.contains("windows")) {
            String roaming = environment.getOrDefault("APPDATA", "");
            return (roaming.isBlank() ? Path.of(home, "AppData", "Roaming") : Path.of(roaming)).resolve("Atelier");
        }
        String data = environment.getOrDefault("XDG_DATA_HOME", "");
        return (data.isBlank() ? Path.of(home, ".local", "share") : Path.of(data)).resolve("atelier");
    }

    /** The folder of the running process. */
    public static Path ofThisProcess() {
        return of(System.getProperty("os.name", ""), System.getProperty("user.home", "."), System.getenv());
    }
}
