package studio.atelier.models.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Small files that are either as before or as after, whatever happens in between. */
public final class DurableFile {
    private DurableFile() {}

    /** Replaces a file's content: beside it, forced to the disk, then renamed. */
    public static void write(Volume volume, Path file, byte[] content) throws IOException {
        String suffix = "." + Long.toHexString(ThreadLocalRandom.current().nextLong() >>> 32) + ".tmp";
        Path beside = file.resolveSibling(file.getFileName() + suffix);
        try {
            try (FileChannel channel = FileChannel.open(
                    beside,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                volume.write(channel, ByteBuffer.wrap(content), 0);
                volume.force(channel);
            }
            volume.rename(beside, file);
        } finally {
            java.nio.file.Files.deleteIfExists(beside);
        }
    }
}
