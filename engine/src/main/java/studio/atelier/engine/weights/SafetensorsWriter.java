package studio.atelier.engine.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.tensor.DType;

/**
 * Writes a safetensors file one tensor at a time. The header stands at the front of such a file, so all tensors are
 * announced first; their bytes then follow in the announced order and only the one at hand is in memory.
 *
 * <p>Until {@link #finish} the file has another name; closed before, it is removed. One thread at a time.
 */
public final class SafetensorsWriter implements AutoCloseable {
    private static final int LENGTH_BYTES = 8;
    private static final int ALIGNMENT = 8;
    private static final int CHUNK_BYTES = 1 << 20;

    /** A tensor to come. */
    public record Announced(String name, DType dtype, List<Long> shape) {
        public Announced {
            shape = List.copyOf(shape);
            for (long axis : shape) {
                if (axis < 0) {
                    throw new IllegalArgumentException(name + ": expected axes of 0 or more, got " + shape);
                }
            }
        }

        public long sizeBytes() {
            long sizeBytes = dtype.sizeBytes();
            for (long axis : shape) {
                sizeBytes = Math.multiplyExact(sizeBytes, axis);
            }
            return sizeBytes;
        }
    }

    private final Path target;
    private final Path partial;
    private final FileChannel channel;
    private final Iterator<Announced> announced;
    private long position;
    private boolean finished;

    private SafetensorsWriter(Path target, Path partial, FileChannel channel, Iterator<Announced> announced) {
        this.target = target;
        this.partial = partial;
        this.channel = channel;
        this.announced = announced;
    }

    /**
     * Begins a file with its header.
     *
     * @param metadata goes to {@code __metadata__}; MLX folders carry {@code format: mlx}
     */
    public static SafetensorsWriter begin(Path target, List<Announced> tensors, Map<String, String> metadata)
            throws IOException {
        byte[] header = header(tensors, metadata);
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        var writer = new SafetensorsWriter(
                target, partial, channel, List.copyOf(tensors).iterator());
        try {
            writer.put(ByteBuffer.allocate(LENGTH_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .flip());
            writer.put(ByteBuffer.wrap(header));
            return writer;
        } catch (IOException e) {
            writer.close();
            throw e;
        }
    }

    private static byte[] header(List<Announced> tensors, Map<String, String> metadata) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = root.putObject("__metadata__");
            metadata.forEach(texts::put);
        }
        long offset = 0;
        Map<String, Announced> seen = new LinkedHashMap<>();
        for (Announced tensor : tensors) {
            if (seen.put(tensor.name(), tensor) != null || tensor.name().equals("__metadata__")) {
                throw new IllegalArgumentException("name of a tensor: expected it once, got again " + tensor.name());
            }
            ObjectNode entry =
                    root.putObject(tensor.name()).put("dtype", tensor.dtype().name());
            ArrayNode shape = entry.putArray("shape");
            tensor.shape().forEach(shape::add);
            long end = Math.addExact(offset, tensor.sizeBytes());
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = mapper.writeValueAsBytes(root);
        // Spaces up to a multiple of eight let readers map the numbers aligned.
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        String text = new String(json, StandardCharsets.UTF_8) + " ".repeat(padded - json.length);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The next tensor's bytes; {@code name} must be the one whose turn it is. */
    public void write(String name, MemorySegment bytes) throws IOException {
        if (!announced.hasNext()) {
            throw new IllegalArgumentException("write: expected no more tensors, got " + name);
        }
        Announced next = announced.next();
        if (!next.name().equals(name) || next.sizeBytes() != bytes.byteSize()) {
            throw new IllegalArgumentException("write: expected " + next.name() + " of " + next.sizeBytes()
                    + " bytes, got " + name + " of " + bytes.byteSize());
        }
        for (long at = 0; at < bytes.byteSize(); at += CHUNK_BYTES) {
            // Copied, because only bytes on the heap could be handed over as they are.
            int taken = (int) Math.min(CHUNK_BYTES, bytes.byteSize() - at);
            byte[] part = bytes.asSlice(at, taken).toArray(ValueLayout.JAVA_BYTE);
            put(ByteBuffer.wrap(part));
        }
    }

    private void put(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
    }

    /** Forces the file to the disk and gives it its name. */
    public void finish() throws IOException {
        if (announced.hasNext()) {
            throw new IllegalStateException("finish: expected all tensors, still missing "
                    + announced.next().name());
        }
        channel.force(true);
        channel.close();
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        finished = true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!finished) {
            Files.deleteIfExists(partial);
        }
    }
}
