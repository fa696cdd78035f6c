package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;

/** Which files of a repository are weights that belong together. */
final class WantedTest {
    @Test
    void layersThatPredictFurtherTokensComeTooAndWeightsOnceMoreDoNot() throws Exception {
        List<RepoFile> files = Stream.of(
                        "config.json",
                        "consolidated.safetensors",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json",
                        "mtp.safetensors")
                .map(path -> new RepoFile(path, 10, Optional.empty(), Optional.empty()))
                .toList();
        Snapshot snapshot = new Snapshot(RepoId.parse("a/b"), "main", "0".repeat(40), files);
        assertEquals(
                List.of("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "mtp.safetensors"),
                Wanted.of(snapshot, Optional.empty()).weights().stream()
                        .map(RepoFile::path)
                        .toList());
    }
}
