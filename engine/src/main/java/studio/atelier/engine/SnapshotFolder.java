package studio.atelier.engine;

import java.nio.file.Path;

/**
 * Where conversations' KV caches are kept beyond the program's end.
 *
 * @param folder made when it is first needed; all models may share it
 * @param mostBytes all files together hold at most so many; what was not used longest goes first
 */
public record SnapshotFolder(Path folder, long mostBytes) {
    private static final long USUAL_MOST_BYTES = 4L << 30;

    public SnapshotFolder {
        if (mostBytes < 0) {
            throw new IllegalArgumentException("mostBytes: expected 0 or more, got " + mostBytes);
        }
    }

    /** At most four gigabytes. */
    public static SnapshotFolder in(Path folder) {
        return new SnapshotFolder(folder, USUAL_MOST_BYTES);
    }
}
