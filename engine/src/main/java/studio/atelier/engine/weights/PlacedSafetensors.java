package studio.atelier.engine.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/**
 * A safetensors file whose tensors are filled in any order, over several runs of the program: it has its whole size and
 * its header from the beginning, and what was written stays when it is opened again with the same tensors. Which parts
 * were written is for the caller to remember.
 */
public final class PlacedSafetensors implements AutoCloseable {
    private static final int LENGTH_BYTES = 8;
    private static final int CHUNK_BYTES = 1 << 20;

    private record Region(long begin, long sizeBytes) {}

    private final FileChannel channel;
    private final Map<String, Region> regions = new HashMap<>();

    private PlacedSafetensors(FileChannel channel, List<Announced> tensors, long dataStart) {
        this.channel = channel;
        long begin = dataStart;
        for (Announced tensor : tensors) {
            regions.put(tensor.name(), new Region(begin, tensor.sizeBytes()));
            begin += tensor.sizeBytes();
        }
    }

    /** Opens the file of an earlier run, or begins; a file with another header begins anew, empty. */
    public static PlacedSafetensors open(Path file, List<Announced> tensors, Map<String, String> metadata)
            throws IOException {
        byte[] header = SafetensorsWriter.header(tensors, metadata);
        ByteBuffer start = ByteBuffer.allocate(LENGTH_BYTES + header.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .flip();
        long sizeBytes = start.limit();
        for (Announced tensor : tensors) {
            sizeBytes = Math.addExact(sizeBytes, tensor.sizeBytes());
        }
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        PlacedSafetensors placed = new PlacedSafetensors(channel, tensors, start.limit());
        try {
            if (channel.size() != sizeBytes || !placed.begins(start.duplicate())) {
                channel.truncate(0);
                if (sizeBytes > start.limit()) {
                    placed.put(ByteBuffer.wrap(new byte[1]), sizeBytes - 1);
                }
                placed.put(start, 0);
            }
            return placed;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private boolean begins(ByteBuffer expected) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(expected.limit());
        while (found.hasRemaining() && channel.read(found, found.position()) >= 0) {
            continue;
        }
        return found.flip().equals(expected);
    }

    /** Writes a part of a tensor, which begins {@code offset} bytes into it. Any thread, several at once. */
    public void write(String name, long offset, MemorySegment bytes) throws IOException {
        Region region = regions.get(name);
        if (region == null || offset < 0 || bytes.byteSize() > region.sizeBytes() - offset) {
            throw new IllegalArgumentException("write: expected bytes within an announced tensor, got "
                    + bytes.byteSize() + " at " + offset + " of " + name);
        }
        for (long at = 0; at < bytes.byteSize(); at += CHUNK_BYTES) {
            int taken = (int) Math.min(CHUNK_BYTES, bytes.byteSize() - at);
            put(bytes.asSlice(at, taken).asByteBuffer(), region.begin() + offset + at);
        }
    }

    private void put(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Puts what was written beyond the reach of a power cut. */
    public void force() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
