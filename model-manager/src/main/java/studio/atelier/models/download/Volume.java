package studio.atelier.models.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The disk under a download: what may fail there, and nothing else. */
public interface Volume {
    /** The real one. */
    Volume REAL = new Volume() {};

    /** Free for this program, on the disk that holds a folder; the folder need not exist yet. */
    default long usableBytes(Path folder) throws IOException {
        Path existing = folder.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        FileStore store = Files.getFileStore(existing);
        return store.getUsableSpace();
    }

    /** Writes all of a buffer. */
    default void write(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Puts what was written beyond the reach of a power cut. */
    default void force(FileChannel channel) throws IOException {
        channel.force(false);
    }

    /** Replaces whatever has the target's name, in one step. */
    default void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
