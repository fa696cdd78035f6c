package studio.atelier.models.download;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which parts of a file are on the disk for good: written beside the file after the part itself is forced to the disk.
 * A part counts only with the checksum it was written with, which is computed anew when a download goes on.
 */
final class PartJournal {
    private static final int FORMAT = 1;
    private static final int MOST_BYTES = 16 << 20;

    private final Volume volume;
    private final Path file;
    private final String hash;
    private final long sizeBytes;
    private final long partBytes;
    private final Map<Integer, Integer> checksums = new TreeMap<>();

    private PartJournal(Volume volume, Path file, String hash, long sizeBytes, long partBytes) {
        this.volume = volume;
        this.file = file;
        this.hash = hash;
        this.sizeBytes = sizeBytes;
        this.partBytes = partBytes;
    }

    /** The journal of this content; empty when there is none, or one of something else, or a damaged one. */
    static PartJournal open(Volume volume, Path file, String hash, long sizeBytes, long partBytes) throws IOException {
        PartJournal journal = new PartJournal(volume, file, hash, sizeBytes, partBytes);
        if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
            try {
                journal.read(new ObjectMapper().readTree(Files.readAllBytes(file)));
            } catch (com.fasterxml.jackson.core.JacksonException e) {
                journal.checksums.clear();
            }
        }
        return journal;
    }

    private void read(JsonNode root) {
        boolean same = root.path("format").asInt() == FORMAT
                && root.path("hash").asText().equals(hash)
                && root.path("sizeBytes").asLong() == sizeBytes
                && root.path("partBytes").asLong() == partBytes;
        if (!same) {
            return;
        }
        long parts = (sizeBytes + partBytes - 1) / partBytes;
        for (Map.Entry<String, JsonNode> entry : root.path("crc32c").properties()) {
            if (entry.getKey().matches("\\d{1,9}")
                    && Integer.parseInt(entry.getKey()) < parts
                    && entry.getValue().isInt()) {
                checksums.put(Integer.parseInt(entry.getKey()), entry.getValue().intValue());
            }
        }
    }

    /** Checksums of the parts that are on the disk. */
    synchronized Map<Integer, Integer> finished() {
        return Map.copyOf(checksums);
    }

    /** Adds parts that were forced to the disk, with their checksums. */
    synchronized void add(Map<Integer, Integer> parts) throws IOException {
        checksums.putAll(parts);
        write();
    }

    synchronized void remove(int part) {
        checksums.remove(part);
    }

    private void write() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode()
                .put("format", FORMAT)
                .put("hash", hash)
                .put("sizeBytes", sizeBytes)
                .put("partBytes", partBytes);
        ObjectNode parts = root.putObject("crc32c");
        checksums.forEach((part, checksum) -> parts.put(String.valueOf(part), checksum));
        DurableFile.write(volume, file, mapper.writeValueAsBytes(root));
    }

    synchronized void delete() throws IOException {
        checksums.clear();
        Files.deleteIfExists(file);
    }
}
