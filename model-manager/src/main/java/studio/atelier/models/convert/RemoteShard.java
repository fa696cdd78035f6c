package studio.atelier.models.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.Located;
import studio.atelier.models.hub.ModelHub;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.Retries;
import studio.atelier.models.hub.Snapshot;

/**
 * A safetensors file that is still at the hub: its header can be read from there, and a file of the same size, of which
 * only the header takes room on the disk, stands for it. So a whole model can be checked and planned before it comes.
 */
public final class RemoteShard {
    private static final int LENGTH_BYTES = 8;
    private static final int FIRST_BYTES = 100_000;
    private static final int MOST_HEADER_BYTES = 25_000_000;

    private final ModelHub hub;
    private final Snapshot snapshot;
    private final RepoFile file;

    public RemoteShard(ModelHub hub, Snapshot snapshot, RepoFile file) {
        this.hub = hub;
        this.snapshot = snapshot;
        this.file = file;
    }

    /** The length and the header, as at the front of the file. */
    public byte[] header(Retries retries) throws IOException, InterruptedException {
        Located located = ModelHub.ask(retries, () -> hub.locate(snapshot, file));
        long firstBytes = Math.min(file.sizeBytes(), FIRST_BYTES);
        if (firstBytes < LENGTH_BYTES + 2) {
            throw broken("has only " + file.sizeBytes() + " bytes");
        }
        byte[] first = read(located, 0, firstBytes - 1, retries);
        long headerBytes = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        if (headerBytes < 2 || headerBytes > MOST_HEADER_BYTES || headerBytes > file.sizeBytes() - LENGTH_BYTES) {
            throw broken("announces a header of " + Long.toUnsignedString(headerBytes) + " bytes");
        }
        int wanted = (int) (LENGTH_BYTES + headerBytes);
        byte[] header = java.util.Arrays.copyOf(first, wanted);
        if (wanted > first.length) {
            byte[] rest = read(located, first.length, wanted - 1L, retries);
            System.arraycopy(rest, 0, header, first.length, rest.length);
        }
        return header;
    }

    /** Some bytes of the file. */
    byte[] read(long firstByte, long lastByte, Retries retries) throws IOException, InterruptedException {
        return read(ModelHub.ask(retries, () -> hub.locate(snapshot, file)), firstByte, lastByte, retries);
    }

    private byte[] read(Located located, long firstByte, long lastByte, Retries retries)
            throws IOException, InterruptedException {
        while (true) {
            var bytes = new ByteArrayOutputStream();
            try {
                hub.http().read(located, firstByte, lastByte, buffer -> {
                    byte[] part = new byte[buffer.remaining()];
                    buffer.get(part);
                    bytes.write(part, 0, part.length);
                });
                retries.progressed();
                return bytes.toByteArray();
            } catch (HubException e) {
                retries.waitAfter(e);
            }
        }
    }

    private HubException broken(String what) {
        return HubException.lasting(
                Reason.CORRUPT,
                file.path() + " at the hub " + what + "; it is no safetensors file, choose another version.");
    }

    /** Lays a file of this size, empty behind the header, in the place of whatever is there. */
    public static void standIn(Path place, byte[] header, long sizeBytes) throws IOException {
        Path beside = place.resolveSibling(place.getFileName() + ".new");
        Files.deleteIfExists(beside);
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            write(channel, ByteBuffer.wrap(new byte[1]), sizeBytes - 1);
            write(channel, ByteBuffer.wrap(header), 0);
            channel.force(true);
        }
        Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static void write(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }
}
