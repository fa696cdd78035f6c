package studio.atelier.models.download;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Progress;
import studio.atelier.models.download.QueueItem.Request;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.download.QueueItem.State;
import studio.atelier.models.download.QueueItem.Step;
import studio.atelier.models.hub.RepoId;

/** The queue on the disk, so that it is there after a restart. */
record QueueFile(Path file) {
    private static final int MOST_BYTES = 16 << 20;

    /** What was written last; a file that can't be read is set aside and the queue begins empty. */
    List<QueueItem> read() throws IOException {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException(file + " is larger than any queue");
            }
            List<QueueItem> items = new ArrayList<>();
            for (JsonNode node :
                    new ObjectMapper().readTree(Files.readAllBytes(file)).path("items")) {
                items.add(item(node));
            }
            return items;
        } catch (IOException | IllegalArgumentException e) {
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + ".damaged"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            return List.of();
        }
    }

    private static QueueItem item(JsonNode node) {
        Request request = new Request(
                RepoId.parse(node.path("repository").asText()),
                node.path("revision").asText(),
                Source.valueOf(node.path("source").asText()),
                Form.valueOf(node.path("form").asText()),
                Optional.ofNullable(node.path("variant").textValue()));
        State state = State.valueOf(node.path("state").asText());
        Progress progress = new Progress(
                Step.ASKING,
                "",
                node.path("doneBytes").asLong(),
                node.path("totalBytes").asLong(),
                node.path("shardsDone").asInt(),
                node.path("shards").asInt(),
                0,
                Optional.empty());
        long ended = node.path("endedMillis").asLong(0);
        return new QueueItem(
                node.path("id").asLong(),
                request,
                // Whatever ran when the program ended goes on when it starts.
                state == State.RUNNING ? State.WAITING : state,
                Optional.ofNullable(node.path("commit").textValue()),
                progress,
                node.path("message").asText(),
                ended == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ended)));
    }

    void write(List<QueueItem> items) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode().put("format", 1);
        ArrayNode list = root.putArray("items");
        for (QueueItem item : items) {
            Request request = item.request();
            ObjectNode node = list.addObject()
                    .put("id", item.id())
                    .put("repository", request.repository().toString())
                    .put("revision", request.revision())
                    .put("source", request.source().name())
                    .put("form", request.form().name())
                    .put("state", item.state().name())
                    .put("message", item.message())
                    .put("doneBytes", item.progress().doneBytes())
                    .put("totalBytes", item.progress().totalBytes())
                    .put("shardsDone", item.progress().shardsDone())
                    .put("shards", item.progress().shards());
            request.variant().ifPresent(variant -> node.put("variant", variant));
            item.commit().ifPresent(commit -> node.put("commit", commit));
            item.ended().ifPresent(ended -> node.put("endedMillis", ended.toEpochMilli()));
        }
        Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
        DurableFile.write(
                Volume.REAL, file, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
    }
}
