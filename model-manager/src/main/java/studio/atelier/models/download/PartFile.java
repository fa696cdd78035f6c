package studio.atelier.models.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** A file that grows in parts, in any order, and survives the program's end at any moment. */
final class PartFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    /** The part that one connection fills; goes on where it stopped when the connection breaks. */
    final class Part {
        private final int index;
        private final CRC32C checksum = new CRC32C();
        private long done;

        private Part(int index) {
            this.index = index;
        }

        long firstByte() {
            return PartFile.this.firstByte(index) + done;
        }

        long lastByte() {
            return PartFile.this.firstByte(index + 1) - 1;
        }

        long doneBytes() {
            return done;
        }

        /** Begins anew. */
        void reset() {
            done = 0;
            checksum.reset();
        }

        void write(ByteBuffer bytes) throws IOException {
            int taken = bytes.remaining();
            checksum.update(bytes.duplicate());
            volume.write(channel, bytes, firstByte());
            done += taken;
        }

        /** Whether all of it came. */
        boolean isWhole() {
            return firstByte() > lastByte();
        }

        int index() {
            return index;
        }
    }

    private final Volume volume;
    private final Path file;
    private final long sizeBytes;
    private final long partBytes;
    private final PartJournal journal;
    private final FileChannel channel;

    private PartFile(
            Volume volume, Path file, long sizeBytes, long partBytes, PartJournal journal, FileChannel channel) {
        this.volume = volume;
        this.file = file;
        this.sizeBytes = sizeBytes;
        this.partBytes = partBytes;
        this.journal = journal;
        this.channel = channel;
    }

    /**
     * Opens what an earlier attempt left, or begins.
     *
     * @param hash of the whole, by which leftovers are recognized
     */
    static PartFile open(Volume volume, Path file, String hash, long sizeBytes, long partBytes) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".json");
        PartJournal journal = PartJournal.open(volume, beside, hash, sizeBytes, partBytes);
        if (Files.isSymbolicLink(file)) {
            Files.delete(file);
        }
        boolean fits = Files.exists(file) && Files.size(file) == sizeBytes;
        if (!fits) {
            journal.delete();
        }
        FileChannel channel = FileChannel.open(
                file,
                java.util.Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS));
        PartFile parts = new PartFile(volume, file, sizeBytes, partBytes, journal, channel);
        try {
            if (!fits) {
                channel.truncate(0);
                // One byte at the end gives the file its size without taking the room.
                volume.write(channel, ByteBuffer.wrap(new byte[1]), sizeBytes - 1);
            }
            return parts;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The parts that are still to come; those on the disk are read and checked first. */
    List<Part> missing() throws IOException {
        Map<Integer, Integer> finished = journal.finished();
        List<Part> missing = new ArrayList<>();
        for (int index = 0; index < count(); index++) {
            Integer expected = finished.get(index);
            if (expected == null || checksum(index) != expected) {
                journal.remove(index);
                missing.add(new Part(index));
            }
        }
        return missing;
    }

    /** Makes whole parts durable: they count when this returns. */
    void settle(List<Part> whole) throws IOException {
        volume.force(channel);
        Map<Integer, Integer> checksums = new TreeMap<>();
        whole.forEach(part -> checksums.put(part.index, (int) part.checksum.getValue()));
        journal.add(checksums);
    }

    private int checksum(int index) throws IOException {
        CRC32C checksum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        long at = firstByte(index);
        long end = firstByte(index + 1);
        while (at < end) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
            int read = channel.read(buffer, at);
            if (read < 0) {
                break;
            }
            at += read;
            checksum.update(buffer.flip());
        }
        return (int) checksum.getValue();
    }

    /** Bytes that {@link #missing} found in good order. */
    long keptBytes(List<Part> missing) {
        return sizeBytes
                - missing.stream()
                        .mapToLong(part -> part.lastByte() - part.firstByte() + 1)
                        .sum();
    }

    /** Forgets everything that came. */
    void restart() throws IOException {
        journal.delete();
    }

    /** Gives it its name and drops the journal. */
    void moveTo(Path target) throws IOException {
        volume.force(channel);
        channel.close();
        volume.rename(file, target);
        journal.delete();
    }

    Path path() {
        return file;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** How many parts there are. */
    int count() {
        return Math.toIntExact((sizeBytes + partBytes - 1) / partBytes);
    }

    /** Where a part begins; behind the last one, the file's end. */
    long firstByte(int index) {
        return Math.min(sizeBytes, index * partBytes);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
