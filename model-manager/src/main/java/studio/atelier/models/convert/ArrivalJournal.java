package studio.atelier.models.convert;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import studio.atelier.models.download.DurableFile;
import studio.atelier.models.download.Volume;

/** Which files of the source are in the new model for good, with the errors measured while they were written. */
final class ArrivalJournal {
    private static final int MOST_BYTES = 256 << 20;

    private final Path file;
    private final String identity;
    private final Map<String, Map<String, QuantizationError>> done = new TreeMap<>();

    private ArrivalJournal(Path file, String identity) {
        this.file = file;
        this.identity = identity;
    }

    /** The journal of an earlier run for the same commit and recipe; empty when there is none. */
    static ArrivalJournal open(Path file, String identity) throws IOException {
        ArrivalJournal journal = new ArrivalJournal(file, identity);
        if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
            try {
                journal.read(new ObjectMapper().readTree(Files.readAllBytes(file)));
            } catch (JacksonException e) {
                journal.done.clear();
            }
        }
        return journal;
    }

    private void read(JsonNode root) {
        if (!root.path("identity").asText("").equals(identity)) {
            return;
        }
        for (Map.Entry<String, JsonNode> shard : root.path("done").properties()) {
            Map<String, QuantizationError> errors = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> module : shard.getValue().properties()) {
                double squares = module.getValue().path(0).asDouble();
                errors.put(
                        module.getKey(),
                        new QuantizationError(squares, module.getValue().path(1).asDouble()));
            }
            done.put(shard.getKey(), errors);
        }
    }

    Set<String> done() {
        return done.keySet();
    }

    void add(String shard, Map<String, QuantizationError> errors) throws IOException {
        done.put(shard, errors);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode().put("identity", identity);
        ObjectNode shards = root.putObject("done");
        done.forEach((name, modules) -> {
            ObjectNode node = shards.putObject(name);
            modules.forEach((module, error) ->
                    node.putArray(module).add(error.squares()).add(error.errorSquares()));
        });
        DurableFile.write(Volume.REAL, file, mapper.writeValueAsBytes(root));
    }

    /** By module, over all files. */
    Map<String, QuantizationError> errors() {
        Map<String, QuantizationError> errors = new TreeMap<>();
        done.values()
                .forEach(modules ->
                        modules.forEach((module, error) -> errors.merge(module, error, QuantizationError::plus)));
        return errors;
    }
}
