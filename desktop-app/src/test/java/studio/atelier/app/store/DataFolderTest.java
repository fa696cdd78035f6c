package studio.atelier.app.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
    private static final Path HOME = Path.of("/home/li");

    @Test
    void placeFollowsTheHabitsOfEachSystem() {
        assertEquals(HOME.resolve("Library/Application Support/Atelier"), DataFolder.place(Map.of(), "Mac OS X", HOME));
        assertEquals(HOME.resolve(".local/share/atelier"), DataFolder.place(Map.of(), "Linux", HOME));
        assertEquals(Path.of("/other/.local/share/atelier"), DataFolder.place(Map.of("HOME", "/other"), "Linux", HOME));
        assertEquals(Path.of("/data/atelier"), DataFolder.place(Map.of("XDG_DATA_HOME", "/data"), "Linux", HOME));
        assertEquals(Path.of("/roaming/Atelier"), DataFolder.place(Map.of("APPDATA", "/roaming"), "Windows 11", HOME));
        assertEquals(HOME.resolve("AppData/Roaming/Atelier"), DataFolder.place(Map.of(), "Windows 11", HOME));
    }

    @Test
    void placeTakesTheOverrideAndIgnoresWhatIsNoPlace() {
        Map<String, String> named = Map.of(DataFolder.OVERRIDE, "/stick/chats", "XDG_DATA_HOME", "/data");
        for (String system : new String[] {"Mac OS X", "Linux", "Windows 11"}) {
            assertEquals(Path.of("/stick/chats"), DataFolder.place(named, system, HOME));
        }
        Map<String, String> useless = Map.of(DataFolder.OVERRIDE, " ", "XDG_DATA_HOME", "relative");
        assertEquals(HOME.resolve(".local/share/atelier"), DataFolder.place(useless, "Linux", HOME));
    }

    @Test
    void createClosesTheFolderToOthers(@TempDir Path temp) throws IOException {
        Path folder = temp.resolve("a/b/atelier");
        DataFolder.create(folder);
        DataFolder.create(folder);
        assertTrue(Files.isDirectory(folder));
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    }
}
