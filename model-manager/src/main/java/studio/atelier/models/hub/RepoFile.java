package studio.atelier.models.hub;

import java.util.Optional;

/**
 * A file of a repository at one commit, as the hub lists it.
 *
 * @param path with {@code /} between folders; checked by {@link FileNames}
 * @param hash empty only where the listing has none; the file's own headers must then say it
 * @param xetHash the hub's name of the content in its newer storage, kept for the record
 */
public record RepoFile(String path, long sizeBytes, Optional<ContentHash> hash, Optional<String> xetHash) {
    public RepoFile {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException(path + ": expected a size of 0 or more, got " + sizeBytes);
        }
    }

    /** Without its folders. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
