package studio.atelier.engine.cache;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Snapshots of one model in a folder that all models share: what was not used longest goes when there are too many bytes.
 * A file's name says the model and the text; a file that is not what its name says is removed. Safe to use from several
 * threads; several programs may share the folder.
 */
public final class SnapshotStore {
    private static final Logger LOG = System.getLogger(SnapshotStore.class.getName());
    private static final String ENDING = ".kv";
    private static final String UNFINISHED = ".kv-part";
    private static final int NAME_BYTES = 12;

    private final Path folder;
    private final long mostBytes;
    private final byte[] identity;

    /** The tokens of this model's files, read when they are first asked for. */
    private final Map<Path, int[]> known = new LinkedHashMap<>();

    /**
     * A store over a folder, which is made when the first snapshot is written.
     *
     * @param mostBytes all files together hold at most so many
     * @param identity what the model is, whatever its length; another one's snapshots are never used
     */
    public SnapshotStore(Path folder, long mostBytes, byte[] identity) {
        this.folder = folder;
        this.mostBytes = mostBytes;
        this.identity = sha256(identity);
    }

    /** Where the parts of a snapshot come from; asked once for each, in order. */
    @FunctionalInterface
    public interface Parts {
        /** Empty when the text has changed: nothing is written then. */
        Optional<SnapshotPart> part(int index);
    }

    /** Takes the parts of a snapshot, in order. */
    @FunctionalInterface
    public interface Taking {
        /** Returns whether the part fits; the snapshot is removed when it does not. */
        boolean take(int index, int parts, SnapshotPart part);
    }

    /** A snapshot that begins as a text does. */
    public record Match(Path file, int[] tokens, int sharedTokens) {}

    /** The snapshot that shares the longest beginning with these tokens, when one shares any. */
    public synchronized Optional<Match> find(int[] tokens) {
        look();
        Match best = null;
        for (Map.Entry<Path, int[]> entry : known.entrySet()) {
            int[] held = entry.getValue();
            int differs = Arrays.mismatch(held, tokens);
            int shared = differs < 0 ? held.length : differs;
            if (shared > (best == null ? 0 : best.sharedTokens)) {
                best = new Match(entry.getKey(), held, shared);
            }
        }
        return Optional.ofNullable(best);
    }

    /** Whether a snapshot holds these tokens, and perhaps more. */
    public boolean holds(int[] tokens) {
        return find(tokens).filter(match -> match.sharedTokens == tokens.length).isPresent();
    }

    /**
     * Reads a snapshot that was found, its checksum first.
     *
     * @return whether all of it was taken; if not it was damaged and is removed
     */
    public boolean read(Match match, Taking taking) {
        try {
            if (SnapshotFile.isWhole(match.file) && parts(match, taking)) {
                Files.setLastModifiedTime(match.file, FileTime.from(Instant.now()));
                return true;
            }
            LOG.log(Level.WARNING, "the snapshot {0} is damaged and is removed", match.file);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the snapshot {0} is removed: {1}", match.file, e.getMessage());
        }
        remove(match.file);
        return false;
    }

    private boolean parts(Match match, Taking taking) throws IOException {
        try (SnapshotFile.Reader reader = new SnapshotFile.Reader(match.file, identity)) {
            for (int i = 0; i < reader.parts; i++) {
                if (!Arrays.equals(reader.tokens, match.tokens) || !taking.take(i, reader.parts, reader.next())) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Writes a snapshot of these tokens; those that hold only a beginning of it are removed.
     *
     * @throws IOException when it can't be written; no file is left behind
     */
    public void write(int[] tokens, int count, Parts parts) throws IOException {
        Files.createDirectories(folder);
        Path target = folder.resolve(name(tokens));
        Path unfinished = Files.createTempFile(folder, "new-", UNFINISHED);
        try {
            try (SnapshotFile.Writer writer = new SnapshotFile.Writer(unfinished, identity, tokens, count)) {
                for (int i = 0; i < count; i++) {
                    Optional<SnapshotPart> part = parts.part(i);
                    if (part.isEmpty()) {
                        return;
                    }
                    writer.write(part.get());
                }
                writer.finish();
            }
            if (Files.size(unfinished) > mostBytes) {
                return;
            }
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            replaceBeginnings(target, tokens);
            dropOldest();
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private synchronized void replaceBeginnings(Path target, int[] tokens) {
        look();
        for (Map.Entry<Path, int[]> entry : List.copyOf(known.entrySet())) {
            int[] held = entry.getValue();
            boolean beginning = held.length < tokens.length && Arrays.mismatch(held, tokens) == held.length;
            if (beginning && !entry.getKey().equals(target)) {
                remove(entry.getKey());
            }
        }
    }

    private record Aged(Path file, FileTime used, long sizeBytes) {}

    private synchronized void dropOldest() throws IOException {
        List<Aged> files = new ArrayList<>();
        long total = 0;
        for (Path file : files("*" + ENDING)) {
            Aged aged = new Aged(file, Files.getLastModifiedTime(file), Files.size(file));
            files.add(aged);
            total += aged.sizeBytes;
        }
        files.sort(Comparator.comparing(Aged::used));
        for (Aged aged : files) {
            if (total <= mostBytes) {
                return;
            }
            remove(aged.file);
            total -= aged.sizeBytes;
        }
    }

    /** Takes new files of this model in, forgets those that are gone, removes those that are no snapshots. */
    private void look() {
        try {
            List<Path> files = files(prefix() + "*" + ENDING);
            known.keySet().retainAll(files);
            for (Path file : files) {
                if (!known.containsKey(file)) {
                    take(file);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the folder of snapshots {0} can''t be read: {1}", folder, e.getMessage());
        }
    }

    private void take(Path file) {
        try {
            int[] tokens = SnapshotFile.tokens(file, identity);
            if (file.getFileName().toString().equals(name(tokens))) {
                known.put(file, tokens);
                return;
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0}: {1}", file, e.getMessage());
        }
        remove(file);
    }

    private List<Path> files(String pattern) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
                found.forEach(files::add);
            }
        }
        return files;
    }

    private synchronized void remove(Path file) {
        known.remove(file);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the snapshot {0} can''t be removed: {1}", file, e.getMessage());
        }
    }

    private String prefix() {
        return HexFormat.of().formatHex(identity, 0, NAME_BYTES) + "-";
    }

    private String name(int[] tokens) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * tokens.length);
        bytes.asIntBuffer().put(tokens);
        return prefix() + HexFormat.of().formatHex(sha256(bytes.array()), 0, NAME_BYTES) + ENDING;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
