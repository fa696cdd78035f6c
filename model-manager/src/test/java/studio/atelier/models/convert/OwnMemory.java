package studio.atelier.models.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The most memory that this program has of its own while something runs: heap, direct buffers, threads and code, but not
 * pages of files, which the system takes back when it wants to. Linux says it as {@code RssAnon}; it is looked at every
 * two milliseconds.
 */
final class OwnMemory implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");

    private final long beforeBytes = nowBytes();
    private volatile long mostBytes = beforeBytes;
    private volatile boolean over;
    private final Thread watch = Thread.ofPlatform().daemon().start(this::watch);

    /** Whether this system tells. */
    static boolean isKnown() {
        return Files.isReadable(STATUS);
    }

    private static long nowBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("RssAnon:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException(STATUS + " names no RssAnon");
    }

    private void watch() {
        while (!over) {
            mostBytes = Math.max(mostBytes, nowBytes());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    /** More than before it began. */
    long mostBytesMore() {
        return Math.max(mostBytes, nowBytes()) - beforeBytes;
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        watch.join();
    }
}
