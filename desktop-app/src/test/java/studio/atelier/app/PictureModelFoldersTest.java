package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.images.PictureModels;
import studio.atelier.app.script.TinyFlux;
import studio.atelier.app.script.TinyJanus;
import studio.atelier.models.hub.HubEnvironment;

/** Which models of pictures are found on a machine, and how they are called. */
final class PictureModelFoldersTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    Path folder;

    @Test
    void whatOtherToolsDownloadedIsFoundUnderItsRepositorysName() throws IOException {
        Path cache = folder.resolve("hub");
        Path janus = TinyJanus.layOut(snapshot(cache, "models--deepseek-community--Janus-Pro-1B"));
        Path flux = TinyFlux.layOut(snapshot(cache, "models--black-forest-labs--FLUX.2-klein-4B"));
        HubEnvironment environment = new HubEnvironment(Map.of("HF_HUB_CACHE", cache.toString()), folder);
        PictureModels models = new PictureModelFolders(
                folder.resolve("data"), () -> PictureModelFolders.installed(environment, folder.resolve("data")));
        Set<PictureModels.Choice> found =
                models.known().stream().filter(choice -> !choice.included()).collect(Collectors.toSet());
        assertEquals(
                Set.of(
                        new PictureModels.Choice(janus, "Janus-Pro-1B", false),
                        new PictureModels.Choice(flux, "FLUX.2-klein-4B", false)),
                found);
        assertEquals("FLUX.2-klein-4B", models.in(flux).name(), "also when a person chooses the folder");
    }

    @Test
    void otherFoldersAreCalledAsTheyAre() {
        PictureModels models = new PictureModelFolders(folder, List::of);
        for (String path :
                List.of("Janus", "snapshots/" + COMMIT, "models--a--b/other/" + COMMIT, "x/snapshots/" + COMMIT)) {
            Path chosen = folder.resolve(path);
            assertEquals(String.valueOf(chosen.getFileName()), models.in(chosen).name());
        }
    }

    private static Path snapshot(Path cache, String repository) {
        return cache.resolve(repository).resolve("snapshots").resolve(COMMIT);
    }
}
