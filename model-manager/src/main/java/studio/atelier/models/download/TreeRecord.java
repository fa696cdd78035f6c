package studio.atelier.models.download;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.models.hub.ContentHash;
import studio.atelier.models.hub.FileNames;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;

/** What a commit holds, remembered: it never changes, and without it nobody offline knows whether all files are here. */
public final class TreeRecord {
    private static final int MOST_BYTES = 64 << 20;

    private TreeRecord() {}

    private static Path file(HubCache cache, RepoId repository, String commit) {
        return cache.folder(repository).resolve("trees").resolve(commit + ".atelier.json");
    }

    /** Remembers. */
    public static void write(HubCache cache, Snapshot snapshot) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode files = mapper.createArrayNode();
        for (RepoFile file : snapshot.files()) {
            ObjectNode node = files.addObject().put("path", file.path()).put("sizeBytes", file.sizeBytes());
            file.hash().ifPresent(hash -> node.put("hash", hash.hex()));
            file.xetHash().ifPresent(hash -> node.put("xetHash", hash));
        }
        ObjectNode root = mapper.createObjectNode().put("format", 1);
        root.set("files", files);
        Path file = file(cache, snapshot.repository(), snapshot.commit());
        Files.createDirectories(file.resolveSibling(""));
        DurableFile.write(Volume.REAL, file, mapper.writeValueAsBytes(root));
    }

    /** What was remembered of a commit. */
    public static Optional<Snapshot> read(HubCache cache, RepoId repository, String revision, String commit)
            throws IOException {
        Path file = file(cache, repository, commit);
        if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
            return Optional.empty();
        }
        List<RepoFile> files = new ArrayList<>();
        for (JsonNode node :
                new ObjectMapper().readTree(Files.readAllBytes(file)).path("files")) {
            String path = node.path("path").asText("");
            FileNames.check(path);
            files.add(new RepoFile(
                    path,
                    Math.max(0, node.path("sizeBytes").asLong()),
                    ContentHash.of(node.path("hash").asText("")),
                    Optional.ofNullable(node.path("xetHash").textValue())));
        }
        return Optional.of(new Snapshot(repository, revision, commit, files));
    }
}
