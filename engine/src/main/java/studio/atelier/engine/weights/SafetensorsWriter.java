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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.tensor.DType;

/**
 * Writes a safetensors file in parts. The header stands at the front of such a file, so all tensors are announced first;
 * their bytes then come in any order, and nothing of them stays in memory.
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

    /** Where the bytes of a tensor go. */
    private static final class Region {
        private final Announced tensor;
        private final long begin;
        private long written;

        Region(Announced tensor, long begin) {
            this.tensor = tensor;
            this.begin = begin;
        }
    }

    private final Path target;
    private final Path partial;
    private final FileChannel channel;
    private final Map<String, Region> regions = new LinkedHashMap<>();
    private boolean finished;

    private SafetensorsWriter(Path target, Path partial, FileChannel channel, List<Announced> tensors, long dataStart) {
        this.target = target;
        this.partial = partial;
        this.channel = channel;
        long begin = dataStart;
        for (Announced tensor : tensors) {
            regions.put(tensor.name(), new Region(tensor, begin));
            begin += tensor.sizeBytes();
        }
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
        var writer = new SafetensorsWriter(target, partial, channel, tensors, LENGTH_BYTES + header.length);
        try {
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            writer.put(length.putLong(header.length).flip(), 0);
            writer.put(ByteBuffer.wrap(header), LENGTH_BYTES);
            return writer;
        } catch (IOException e) {
            writer.close();
            throw e;
        }
    }

    static byte[] header(List<Announced> tensors, Map<String, String> metadata) throws IOException {
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

    /** Appends to a tensor: all of its bytes, or the next part of them. Tensors may take turns. */
    public void write(String name, MemorySegment bytes) throws IOException {
        Region region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("write: expected an announced tensor, got " + name);
        }
        long left = region.tensor.sizeBytes() - region.written;
        if (bytes.byteSize() > left) {
            throw new IllegalArgumentException(
                    "write: expected at most " + left + " more bytes of " + name + ", got " + bytes.byteSize());
        }
        for (long at = 0; at < bytes.byteSize(); at += CHUNK_BYTES) {
            // Copied, because only bytes on the heap could be handed over as they are.
            int taken = (int) Math.min(CHUNK_BYTES, bytes.byteSize() - at);
            byte[] part = bytes.asSlice(at, taken).toArray(ValueLayout.JAVA_BYTE);
            put(ByteBuffer.wrap(part), region.begin + region.written);
            region.written += taken;
        }
    }

    private void put(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Forces the file to the disk and gives it its name. */
    public void finish() throws IOException {
        for (Region region : regions.values()) {
            if (region.written != region.tensor.sizeBytes()) {
                throw new IllegalStateException("finish: expected " + region.tensor.sizeBytes() + " bytes of "
                        + region.tensor.name() + ", got " + region.written);
            }
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
