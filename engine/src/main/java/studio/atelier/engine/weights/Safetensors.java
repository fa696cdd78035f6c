package studio.atelier.engine.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * One safetensors file, memory-mapped read-only. Any thread may read; whoever opened it closes it, and after that no
 * tensor of it may be touched.
 *
 * <p>The header is checked in full before the file is mapped: what {@link #tensors} returns lies inside the file. The
 * values themselves are not looked at.
 */
public final class Safetensors implements AutoCloseable {
    private static final int LENGTH_BYTES = 8;

    private final Arena arena;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> metadata;

    private Safetensors(Arena arena, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
        this.arena = arena;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = metadata;
    }

    /**
     * Opens and checks.
     *
     * @throws EngineException {@link Reason#MODEL_FOLDER_INCOMPLETE} when there is no such file,
     *     {@link Reason#MODEL_FILE_BROKEN} when it contradicts itself, {@link Reason#DTYPE_UNSUPPORTED}
     */
    public static Safetensors open(Path file) throws EngineException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long fileBytes = channel.size();
            long headerBytes = headerBytes(channel, file, fileBytes);
            long dataStart = LENGTH_BYTES + headerBytes;
            SafetensorsHeader header = SafetensorsHeader.parse(
                    file.toString(), headerText(channel, file, headerBytes), fileBytes - dataStart);
            Arena arena = Arena.ofShared();
            try {
                MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, fileBytes, arena)
                        .asSlice(dataStart);
                Map<String, StoredTensor> tensors = new LinkedHashMap<>();
                for (SafetensorsHeader.Entry entry : header.entries()) {
                    MemorySegment bytes = data.asSlice(entry.begin(), entry.end() - entry.begin());
                    tensors.put(
                            entry.name(), new StoredTensor(entry.name(), entry.dtype(), entry.shape(), bytes, file));
                }
                return new Safetensors(arena, tensors, header.metadata());
            } catch (IOException | RuntimeException e) {
                arena.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE, file + " is missing; download the model again.", e);
        } catch (IOException e) {
            throw new EngineException(Reason.MODEL_FILE_BROKEN, file + " can't be read: " + e.getMessage() + ".", e);
        }
    }

    private static long headerBytes(FileChannel channel, Path file, long fileBytes)
            throws IOException, EngineException {
        if (fileBytes < LENGTH_BYTES + 2) {
            throw SafetensorsHeader.broken(
                    file.toString(), "expected at least 10 bytes, got " + fileBytes + "; download it again");
        }
        long headerBytes =
                read(channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        if (headerBytes < 2 || headerBytes > SafetensorsHeader.MOST_BYTES) {
            throw SafetensorsHeader.broken(
                    file.toString(),
                    "expected a header of 2 to " + SafetensorsHeader.MOST_BYTES + " bytes, got "
                            + Long.toUnsignedString(headerBytes));
        }
        if (headerBytes > fileBytes - LENGTH_BYTES) {
            throw SafetensorsHeader.broken(
                    file.toString(),
                    "its header takes " + headerBytes + " bytes, but the file has only " + (fileBytes - LENGTH_BYTES)
                            + " after the length; download it again");
        }
        return headerBytes;
    }

    private static String headerText(FileChannel channel, Path file, long headerBytes)
            throws IOException, EngineException {
        ByteBuffer bytes = read(channel, LENGTH_BYTES, Math.toIntExact(headerBytes));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new EngineException(Reason.MODEL_FILE_BROKEN, file + ": its header is not UTF-8 text.", e);
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int sizeBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(sizeBytes);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("it became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    /** By name, in the order in which they lie in the file. */
    public Map<String, StoredTensor> tensors() {
        return tensors;
    }

    /** What the writer left in {@code __metadata__}, such as {@code format}. */
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public void close() {
        arena.close();
    }
}
