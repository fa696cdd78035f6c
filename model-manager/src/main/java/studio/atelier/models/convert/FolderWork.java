package studio.atelier.models.convert;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import studio.atelier.models.download.DurableFile;
import studio.atelier.models.download.Volume;

/**
 * The unfinished work for a target: {@code made} is the new model, the journal says what of it is there, and the identity
 * says of what source and recipe it is.
 */
record FolderWork(Path folder) {
    /** Held while somebody works here. */
    static final class Lock implements AutoCloseable {
        private final FileChannel channel;

        private Lock(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    static FolderWork of(Path target) {
        return new FolderWork(target.resolveSibling(target.getFileName() + ".unfinished"));
    }

    Path made() {
        return folder.resolve("made");
    }

    Path journal() {
        return folder.resolve("journal");
    }

    private Path identity() {
        return folder.resolve("identity");
    }

    /** Whether this is what remains of work that came to its end, but for being removed. */
    boolean isLeftOf(String identity) throws IOException {
        return isOf(identity) && !Files.exists(made());
    }

    private boolean isOf(String identity) throws IOException {
        return Files.isRegularFile(identity()) && Files.readString(identity()).equals(identity);
    }

    /** Takes up the work of an earlier run when it is of the same identity; begins anew otherwise. */
    Lock open(String identity) throws IOException {
        Files.createDirectories(folder);
        // Not inside: work of another identity is removed while the lock is held.
        FileChannel channel = FileChannel.open(
                folder.resolveSibling(folder.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        try {
            if (!isFree(channel)) {
                throw new IOException(
                        "Another program is writing " + folder + "; wait until it is done, or choose another name.");
            }
            if (!isOf(identity)) {
                remove();
            }
            Files.createDirectories(made());
            DurableFile.write(Volume.REAL, identity(), identity.getBytes(StandardCharsets.UTF_8));
            return new Lock(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            java.nio.channels.@Nullable FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    void remove() throws IOException {
        FolderQuantizer.remove(folder);
    }
}
