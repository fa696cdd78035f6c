package studio.atelier.models.convert;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which outputs of a folder are on the disk for good, with the errors measured while they were written: a line each. The
 * last line may be cut short by whatever ended the program; it counts for nothing then.
 */
final class QuantizeJournal implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_BYTES = 256 << 20;

    private final FileChannel channel;
    private final Map<String, QuantizationError> done = new TreeMap<>();

    private QuantizeJournal(FileChannel channel) {
        this.channel = channel;
    }

    static QuantizeJournal open(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        QuantizeJournal journal = new QuantizeJournal(channel);
        try {
            journal.read();
            return journal;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void read() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MOST_BYTES, channel.size()));
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            continue;
        }
        byte[] all = bytes.array();
        int good = 0;
        for (int at = 0; at < bytes.position(); at++) {
            if (all[at] == '\n') {
                if (!add(new String(all, good, at - good, StandardCharsets.UTF_8))) {
                    break;
                }
                good = at + 1;
            }
        }
        channel.truncate(good);
        channel.position(good);
    }

    private boolean add(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            if (!node.path("output").isTextual()) {
                return false;
            }
            double squares = node.path("squares").asDouble();
            done.put(
                    node.path("output").asText(),
                    new QuantizationError(squares, node.path("errorSquares").asDouble()));
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    Set<String> done() {
        return done.keySet();
    }

    /** Of every output so far, also those that stay in floats. */
    Map<String, QuantizationError> errors() {
        return done;
    }

    /** Adds outputs whose bytes were forced to the disk before. */
    void add(Map<String, QuantizationError> outputs) throws IOException {
        StringBuilder lines = new StringBuilder();
        outputs.forEach((output, error) -> lines.append(JSON.createObjectNode()
                        .put("output", output)
                        .put("squares", error.squares())
                        .put("errorSquares", error.errorSquares()))
                .append('\n'));
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(true);
        done.putAll(outputs);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
