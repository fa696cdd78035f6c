package studio.atelier.models.hub;

import java.util.List;
import java.util.Optional;

/**
 * A repository at one commit: everything in it stays as it is.
 *
 * @param revision what was asked for, such as {@code main}
 * @param commit what it stands for, 40 hexadecimal digits where the hub uses git
 * @param files in the hub's order
 */
public record Snapshot(RepoId repository, String revision, String commit, List<RepoFile> files) {
    public Snapshot {
        files = List.copyOf(files);
    }

    /** The file of this path. */
    public Optional<RepoFile> file(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }

    /** All files together. */
    public long sizeBytes() {
        return files.stream().mapToLong(RepoFile::sizeBytes).sum();
    }
}
