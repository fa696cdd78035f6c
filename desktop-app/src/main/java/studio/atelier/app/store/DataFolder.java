package studio.atelier.app.store;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;

/** The folder in which the program keeps what it must not lose. */
public final class DataFolder {
    /** Names another folder, for a second profile or a stick. */
    public static final String OVERRIDE = "ATELIER_HOME";

    private DataFolder() {}

    /** Where the folder is on this machine; it need not exist yet. */
    public static Path find() {
        return place(System.getenv(), System.getProperty("os.name", ""), Path.of(System.getProperty("user.home", ".")));
    }

    /**
     * Where the folder is by the habits of a system.
     *
     * @param systemName as Java's {@code os.name} gives it
     */
    static Path place(Map<String, String> environment, String systemName, Path home) {
        String override = environment.getOrDefault(OVERRIDE, "");
        if (!override.isBlank()) {
            return Path.of(override).toAbsolutePath().normalize();
        }
        String system = systemName.toLowerCase(Locale.ROOT);
        if (system.startsWith("mac")) {
            return home.resolve("Library").resolve("Application Support").resolve("Atelier");
        }
        if (system.startsWith("windows")) {
            String roaming = environment.getOrDefault("APPDATA", "");
            return (roaming.isBlank() ? home.resolve("AppData").resolve("Roaming") : Path.of(roaming))
                    .resolve("Atelier");
        }
        // The XDG rule: a relative path is to be ignored.
        String shared = environment.getOrDefault("XDG_DATA_HOME", "");
        // So is the home folder to be taken from the environment; Java's is the one in the list of users.
        String named = environment.getOrDefault("HOME", "");
        Path base = shared.startsWith("/")
                ? Path.of(shared)
                : (named.startsWith("/") ? Path.of(named) : home)
                        .resolve(".local")
                        .resolve("share");
        return base.resolve("atelier");
    }

    /**
     * Makes the folder when it is not there, closed to other people of the machine.
     *
     * @throws IOException with one sentence for the person
     */
    public static void create(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        try {
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectory(folder);
            }
        } catch (IOException e) {
            throw new IOException(
                    "The folder " + folder + " can't be made; make it yourself or name another one in " + OVERRIDE
                            + ".",
                    e);
        }
    }
}
