package studio.atelier.models.download;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.models.hub.FileNames;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;

/**
 * The folder that all tools of this machine share: {@code models--owner--name} with {@code blobs} by hash, {@code
 * snapshots} by commit whose files are links to blobs, and {@code refs} by branch. What another tool downloaded is found
 * here, and what this one downloads is found there. Source: the hub's Python client as of August 2026.
 *
 * @param links false where files are to lie in the snapshots themselves
 */
public record HubCache(Path root, boolean links) {
    private static final String FOLDER = "models--";
    private static final String TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"
            + "# This file is a cache directory tag; see https://bford.info/cachedir/\n";

    /** With links where the disk has them. */
    public static HubCache at(Path root) {
        return new HubCache(root, true);
    }

    /** Where everything of a repository is. */
    public Path folder(RepoId repository) {
        String owner = repository.owner().isEmpty() ? "" : repository.owner() + "--";
        return root.resolve(FOLDER + owner + repository.name());
    }

    /** Where the files of a commit are. */
    public Path snapshotFolder(RepoId repository, String commit) {
        return folder(repository).resolve("snapshots").resolve(plain(commit));
    }

    Path blob(RepoId repository, String hash) {
        return folder(repository).resolve("blobs").resolve(plain(hash));
    }

    Path lock(RepoId repository, String hash) {
        return root.resolve(".locks")
                .resolve(String.valueOf(folder(repository).getFileName()))
                .resolve(plain(hash) + ".lock");
    }

    private static String plain(String digits) {
        if (!digits.matches("[0-9a-zA-Z]{1,128}")) {
            throw new IllegalArgumentException("hash: expected letters and digits, got " + digits);
        }
        return digits;
    }

    /** Makes the folders that a download of this repository needs. */
    void prepare(RepoId repository, String commit) throws IOException {
        for (Path folder : List.of(
                folder(repository).resolve("blobs"),
                snapshotFolder(repository, commit),
                folder(repository).resolve("refs"),
                root.resolve(".locks").resolve(String.valueOf(folder(repository).getFileName())))) {
            Files.createDirectories(folder);
        }
        Path tag = root.resolve("CACHEDIR.TAG");
        if (!Files.exists(tag)) {
            Files.writeString(tag, TAG);
        }
    }

    /** A file of a commit, when it is here with the size that the hub says. */
    public Optional<Path> find(RepoId repository, String commit, String path, long sizeBytes) throws IOException {
        FileNames.check(path);
        Path file = snapshotFolder(repository, commit).resolve(path);
        boolean here = Files.isRegularFile(file) && Files.size(file) == sizeBytes;
        return here ? Optional.of(file) : Optional.empty();
    }

    /**
     * Puts a finished blob into a snapshot: as a link, or as the file itself where there are none.
     *
     * @throws HubException {@link Reason#NAME_REFUSED} when something in the folder leads elsewhere
     */
    Path place(RepoId repository, String commit, String path, Path blob) throws IOException {
        FileNames.check(path);
        Path folder = snapshotFolder(repository, commit);
        Path file = folder.resolve(path);
        Path parent = file.getParent() == null ? folder : file.getParent();
        makeFolders(folder, parent);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.isRegularFile(file) && Files.isSameFile(file, blob)) {
                return file;
            }
            Files.delete(file);
        }
        if (links) {
            try {
                Files.createSymbolicLink(file, parent.relativize(blob));
                return file;
            } catch (FileAlreadyExistsException e) {
                return file;
            } catch (UnsupportedOperationException | IOException e) {
                // Windows without its developer mode, and some disks, have no links.
                return move(blob, file);
            }
        }
        return move(blob, file);
    }

    private static Path move(Path blob, Path file) throws IOException {
        Volume.REAL.rename(blob, file);
        return file;
    }

    /** Folder by folder, because a link among them would lead out of the cache. */
    private static void makeFolders(Path from, Path to) throws IOException {
        Path at = from;
        for (Path segment : from.relativize(to)) {
            at = segment.toString().isEmpty() ? at : at.resolve(segment);
            if (Files.isSymbolicLink(at)) {
                throw HubException.lasting(
                        Reason.NAME_REFUSED, at + " is a link to another place; remove it, then download again.");
            }
            Files.createDirectories(at);
        }
    }

    /**
     * Removes a file of a commit and its blob, which nothing else may use: for caches that things only pass through. What
     * a program that was ended here had begun is brought to its end.
     */
    public void forget(RepoId repository, String commit, String path) throws IOException {
        FileNames.check(path);
        Path file = snapshotFolder(repository, commit).resolve(path);
        if (Files.isSymbolicLink(file)) {
            // Not by following it: the blob may be gone already.
            Path blob = file.resolveSibling(Files.readSymbolicLink(file)).normalize();
            if (blob.startsWith(folder(repository).normalize())) {
                Files.deleteIfExists(blob);
            }
        }
        Files.deleteIfExists(file);
    }

    /** Remembers what a branch stands for. */
    void point(Snapshot snapshot) throws IOException {
        if (snapshot.revision().equals(snapshot.commit())) {
            return;
        }
        FileNames.check(snapshot.revision());
        Path ref = folder(snapshot.repository()).resolve("refs").resolve(snapshot.revision());
        Files.createDirectories(ref.getParent() == null ? ref : ref.getParent());
        DurableFile.write(Volume.REAL, ref, snapshot.commit().getBytes(StandardCharsets.US_ASCII));
    }

    /** The commit that a branch stood for when it was last downloaded. */
    public Optional<String> commit(RepoId repository, String revision) throws IOException {
        FileNames.check(revision);
        Path ref = folder(repository).resolve("refs").resolve(revision);
        if (!Files.isRegularFile(ref) || Files.size(ref) > 200) {
            return Optional.empty();
        }
        String commit = Files.readString(ref).strip();
        return commit.matches("[0-9a-f]{40}") ? Optional.of(commit) : Optional.empty();
    }

    /**
     * The repository that a folder is a commit of, as such caches lay them out; empty for other folders. People know a
     * model by its repository, not by the forty digits of a commit.
     */
    public static Optional<RepoId> repositoryOf(Path snapshotFolder) {
        Path path = snapshotFolder.toAbsolutePath().normalize();
        int names = path.getNameCount();
        if (names < 3 || !path.getName(names - 2).toString().equals("snapshots")) {
            return Optional.empty();
        }
        String folder = path.getName(names - 3).toString();
        return folder.startsWith(FOLDER) ? repository(folder) : Optional.empty();
    }

    /** What people call the model in a folder: the repository's name, or the folder's own. */
    public static String nameOf(Path folder) {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return repositoryOf(folder).map(RepoId::name).orElse(last == null ? folder.toString() : last.toString());
    }

    private static Optional<RepoId> repository(String folder) {
        return RepoId.find(folder.substring(FOLDER.length()).replaceFirst("--", "/"));
    }

    /** Every commit of every repository that has a folder here, whoever downloaded it. */
    public List<CachedSnapshot> snapshots() throws IOException {
        List<CachedSnapshot> found = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return found;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, FOLDER + "*")) {
            for (Path folder : folders) {
                Optional<RepoId> repository = repository(folder.getFileName().toString());
                if (repository.isPresent()) {
                    addSnapshots(folder, repository.get(), found);
                }
            }
        }
        return found;
    }

    private static void addSnapshots(Path folder, RepoId repository, List<CachedSnapshot> found) throws IOException {
        try (DirectoryStream<Path> commits = Files.newDirectoryStream(folder.resolve("snapshots"))) {
            for (Path commit : commits) {
                if (Files.isDirectory(commit)) {
                    found.add(
                            new CachedSnapshot(repository, commit.getFileName().toString(), commit));
                }
            }
        } catch (java.nio.file.NoSuchFileException | NotDirectoryException e) {
            // A repository that another tool began and never finished.
            return;
        }
    }

    /** The files of a commit, as found on the disk. */
    public record CachedSnapshot(RepoId repository, String commit, Path folder) {}
}
