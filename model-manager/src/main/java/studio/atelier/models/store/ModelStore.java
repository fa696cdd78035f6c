package studio.atelier.models.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.hub.ContentHash;
import studio.atelier.models.hub.RepoId;

/**
 * The models that Atelier installed, in one folder or several, perhaps on other disks. Any thread may ask.
 *
 * @param folders the first is where new ones go; one that is not there at the moment is passed over
 * @param cache the hub cache in which models that are used as published lie
 */
public record ModelStore(List<Path> folders, HubCache cache) {
    public ModelStore {
        folders = List.copyOf(folders);
        if (folders.isEmpty()) {
            throw new IllegalArgumentException("folders: expected at least one, got none");
        }
    }

    /** What a check of a model's files found. */
    public record Report(List<String> missing, List<String> damaged, long checkedBytes) {
        public boolean isWhole() {
            return missing.isEmpty() && damaged.isEmpty();
        }
    }

    /** The folder of a model that is to be installed. */
    public Path entry(RepoId repository, String suffix) {
        String owner = repository.owner().isEmpty() ? "" : repository.owner() + "--";
        return folders.getFirst().resolve(owner + repository.name() + suffix);
    }

    /**
     * Refuses while the disk that new models go to is not connected, so that they don't land in its empty place.
     *
     * @throws IOException in one sentence
     */
    public void requireTarget() throws IOException {
        Path first = folders.getFirst().toAbsolutePath();
        Path parent = first.getParent();
        if (!Files.isDirectory(first) && (parent == null || !Files.isDirectory(parent))) {
            throw new IOException("The folder for new models, " + first
                    + ", is not there; connect its disk, or let new models go to another folder.");
        }
    }

    /** All of them, by name. */
    public List<InstalledModel> models() throws IOException {
        List<InstalledModel> models = new ArrayList<>();
        for (Path folder : folders) {
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                    for (Path entry : entries) {
                        Optional<ModelManifest> manifest = ModelManifest.read(entry);
                        if (manifest.isPresent()) {
                            models.add(model(entry, manifest.get()));
                        }
                    }
                }
            }
        }
        models.sort(Comparator.comparing(InstalledModel::name, String.CASE_INSENSITIVE_ORDER));
        return models;
    }

    private static InstalledModel model(Path entry, ModelManifest manifest) {
        String repository = manifest.repository();
        return new InstalledModel(
                repository.substring(repository.indexOf('/') + 1),
                manifest.folder(),
                Optional.of(entry),
                InstalledModel.Origin.ATELIER,
                manifest.sizeBytes(),
                ModelFormats.of(manifest.folder()),
                Optional.of(manifest));
    }

    /** The installed model that this text means: its repository, its name, or its folder's name. */
    public Optional<InstalledModel> find(String text) throws IOException {
        return models().stream()
                .filter(model -> model.name().equalsIgnoreCase(text)
                        || model.manifest()
                                .map(manifest -> manifest.repository().equalsIgnoreCase(text))
                                .orElse(false)
                        || model.entry()
                                .map(entry ->
                                        String.valueOf(entry.getFileName()).equalsIgnoreCase(text))
                                .orElse(false))
                .findFirst();
    }

    /**
     * Hashes every file anew.
     *
     * @param checked told about bytes as they are read
     */
    public Report verify(ModelManifest manifest, LongConsumer checked) throws IOException, InterruptedException {
        List<String> missing = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        long checkedBytes = 0;
        for (ModelManifest.FileEntry file : manifest.files()) {
            Path path = manifest.folder().resolve(file.name());
            if (!Files.isRegularFile(path)) {
                missing.add(file.name());
                continue;
            }
            checkedBytes += Files.size(path);
            boolean same = Files.size(path) == file.sizeBytes()
                    && sha256(path, checked).equals(file.sha256());
            if (!same) {
                damaged.add(file.name());
            }
        }
        return new Report(missing, damaged, checkedBytes);
    }

    static String sha256(Path file, LongConsumer read) throws IOException, InterruptedException {
        return new ContentHash(ContentHash.Kind.SHA256, "0".repeat(64))
                .ofFile(file, read)
                .hex();
    }

    /**
     * Removes damaged files of a model that is used as published, so that downloading it again brings those alone.
     *
     * @return whether that is possible; a model that was quantized here must be made again as a whole
     */
    public boolean removeDamaged(ModelManifest manifest, Report report) throws IOException {
        if (!manifest.recipe().equals(ModelManifest.AS_PUBLISHED)) {
            return false;
        }
        for (String name : report.damaged()) {
            cache.forget(RepoId.parse(manifest.repository()), manifest.commit(), name);
        }
        return true;
    }

    /**
     * Removes a model.
     *
     * @return how many bytes that freed on the disk
     */
    public long delete(InstalledModel model) throws IOException {
        Path entry = model.entry()
                .orElseThrow(() -> new IOException(model.name()
                        + " belongs to another program; remove it there, so that it is not missed there."));
        long freed = 0;
        if (model.manifest().isPresent() && !isInside(model.place(), entry)) {
            freed += deleteSnapshot(model.manifest().get());
        }
        // The manifest first: what is half removed must not look whole.
        freed += Files.size(entry.resolve(ModelManifest.NAME));
        Files.delete(entry.resolve(ModelManifest.NAME));
        return freed + deleteTree(entry);
    }

    private static boolean isInside(Path place, Path entry) {
        return place.toAbsolutePath()
                .normalize()
                .startsWith(entry.toAbsolutePath().normalize());
    }

    /** A snapshot's files, and those blobs that no other snapshot of the repository uses. */
    private long deleteSnapshot(ModelManifest manifest) throws IOException {
        RepoId repository = RepoId.parse(manifest.repository());
        Path snapshot = cache.snapshotFolder(repository, manifest.commit());
        if (!Files.isDirectory(snapshot)) {
            return 0;
        }
        Set<Path> blobs = blobsOf(snapshot);
        long freed = deleteTree(snapshot);
        try (DirectoryStream<Path> others =
                Files.newDirectoryStream(cache.folder(repository).resolve("snapshots"))) {
            for (Path other : others) {
                blobs.removeAll(blobsOf(other));
            }
        }
        for (Path blob : blobs) {
            freed += Files.size(blob);
            Files.delete(blob);
        }
        return freed;
    }

    private static Set<Path> blobsOf(Path snapshot) throws IOException {
        Set<Path> blobs = new HashSet<>();
        try (var files = Files.walk(snapshot)) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file) && Files.exists(file)) {
                    blobs.add(file.toRealPath());
                }
            }
        }
        return blobs;
    }

    private static long deleteTree(Path tree) throws IOException {
        long[] freed = {0};
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                freed[0] += attributes.isRegularFile() ? attributes.size() : 0;
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
        return freed[0];
    }
}
