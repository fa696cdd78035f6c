package studio.atelier.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.Models;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.hub.HubEnvironment;
import studio.atelier.models.store.InstalledModel.Origin;

/** Several folders with models: chosen, kept, found again, and looked into. */
final class ModelFoldersTest {
    @TempDir
    private Path folder;

    private ModelFolders folders() {
        return new ModelFolders(folder.resolve("data"));
    }

    @Test
    void areKeptInTheirOrder() throws Exception {
        ModelFolders folders = folders();
        Path disk = Files.createDirectories(folder.resolve("disk/models"));
        Path other = Files.createDirectories(folder.resolve("other"));
        assertEquals(List.of(folders.own()), folders.all());
        folders.add(disk);
        folders.add(other);
        folders.add(folder.resolve("disk/../disk/models"));
        assertEquals(List.of(folders.own(), disk, other), folders().all());
        folders.moveToFront(other);
        assertEquals(List.of(other, folders.own(), disk), folders().all());
        folders.remove(disk);
        assertEquals(List.of(other, folders.own()), folders().all());
        assertTrue(Files.isDirectory(disk), "a folder that is forgotten stays");
    }

    private static void refused(String says, ModelFoldersChange change) {
        String message =
                String.valueOf(assertThrows(IOException.class, change::make).getMessage());
        assertTrue(message.contains(says) && message.endsWith("."), message);
    }

    private interface ModelFoldersChange {
        void make() throws IOException;
    }

    @Test
    void refusalsSayWhatToDo() throws Exception {
        ModelFolders folders = folders();
        refused("is no folder", () -> folders.add(folder.resolve("nowhere")));
        refused("none of the 1 folders", () -> folders.moveToFront(folder));
        refused("none of the 1 folders", () -> folders.remove(folder));
        refused("own folder stays", () -> folders.remove(folders.own()));
        Path disk = Files.createDirectories(folder.resolve("disk"));
        folders.add(disk);
        Files.delete(disk);
        refused("connect its disk", () -> folders.moveToFront(disk));
        assertEquals(List.of(folders.own(), disk), folders.all(), "an unplugged disk is not forgotten");
        Files.writeString(folder.resolve("data/model-folders.json"), "{\"folders\":[\"rel\\u0000ative\",7,\"a\"]}");
        assertEquals(List.of(folders.own()), folders.all());
        Files.writeString(folder.resolve("data/model-folders.json"), "{\"folders\":[");
        refused("can't be understood", folders::all);
    }

    @Test
    void newModelsDontLandWhereADiskIsMissing() throws Exception {
        Path disk = folder.resolve("disk/models");
        ModelStore store = new ModelStore(List.of(disk, folder), HubCache.at(folder.resolve("cache")));
        refused("is not there; connect its disk", store::requireTarget);
        assertFalse(Files.exists(folder.resolve("disk")));
        Files.createDirectories(disk);
        store.requireTarget();
    }

    private static void model(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.write(folder.resolve("model.safetensors"), new byte[10]);
    }

    @Test
    void modelsInChosenFoldersAreFoundWhoeverPutThemThere() throws Exception {
        Path disk = folder.resolve("disk");
        model(disk.resolve("lm/maker/Plain-4bit"));
        Files.write(Files.createDirectories(disk.resolve("lm/maker/Gguf")).resolve("Small-Q4_0.gguf"), new byte[9]);
        model(disk.resolve("lm/half.arriving/made"));
        model(disk.resolve("lm/half.unfinished/made"));
        model(disk.resolve("hub/models--org--Cached/snapshots/" + "0".repeat(40)));
        String digest = "b".repeat(64);
        Path manifest = Files.createDirectories(disk.resolve("ollama/manifests/registry/library/tiny"));
        Files.writeString(
                manifest.resolve("latest"),
                "{\"layers\":[{\"mediaType\":\"application/vnd.ollama.image.model\",\"digest\":\"sha256:" + digest
                        + "\"}]}");
        Files.createDirectories(disk.resolve("ollama/blobs"));
        Files.write(disk.resolve("ollama/blobs/sha256-" + digest), new byte[70]);
        Path data = folder.resolve("data");
        HubEnvironment environment = new HubEnvironment(
                Map.of("HF_HUB_CACHE", folder.resolve("cache").toString()), folder.resolve("home"));
        for (String chosen : List.of("lm", "hub", "ollama")) {
            new ModelFolders(data).add(disk.resolve(chosen));
        }
        try (Models models = Models.open(environment, data, "test")) {
            List<InstalledModel> found = models.installed();
            assertEquals(
                    List.of("Small-Q4_0 FOLDER", "Plain-4bit FOLDER", "Cached FOLDER", "tiny:latest OLLAMA"),
                    found.stream()
                            .map(model -> model.name() + " " + model.origin())
                            .toList());
            assertEquals(Origin.FOLDER, models.find("plain-4bit").orElseThrow().origin());
        }
    }

    @Test
    void otherDisksAreOffered() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(
                Files.isWritable(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(folder)),
                "no second disk here");
        Path disk = Files.createTempDirectory(memory, "disk");
        try {
            List<Disks.Found> bare = new Disks(List.of(), List.of(disk, folder), folder).look();
            assertEquals(1, bare.size(), bare.toString());
            assertEquals(disk.resolve("Atelier"), bare.getFirst().folder());
            assertFalse(bare.getFirst().isThere());
            assertTrue(bare.getFirst().freeBytes() > 0);
            Path models = Files.createDirectories(disk.resolve("LM Studio/models"));
            List<Disks.Found> used = new Disks(List.of(folder.resolve("nowhere")), List.of(disk), folder).look();
            assertEquals(List.of(models), used.stream().map(Disks.Found::folder).toList());
            assertTrue(used.getFirst().isThere());
        } finally {
            Files.deleteIfExists(disk.resolve("LM Studio/models"));
            Files.deleteIfExists(disk.resolve("LM Studio"));
            Files.deleteIfExists(disk);
        }
    }
}
