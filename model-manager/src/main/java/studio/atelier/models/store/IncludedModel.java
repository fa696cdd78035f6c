package studio.atelier.models.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import studio.atelier.assets.Assets;

/**
 * A model that comes with the program. Weights are used from mapped files, so it is laid out in the data folder once, in a
 * folder named after its content: another version of the program lays out another one, and a folder of that name is
 * always whole.
 *
 * @param assets where its files lie among the assets
 * @param files all of them
 * @param prefix how its folders begin; no two models' prefixes may begin alike
 */
record IncludedModel(String assets, List<String> files, String prefix) {
    private static final String UNFINISHED = ".unfinished-";
    private static final int HASH_DIGITS = 16;

    /** Whoever lays out a model of this size has long finished, or was ended. */
    private static final Duration UNFINISHED_AT_MOST = Duration.ofHours(1);

    IncludedModel {
        files = List.copyOf(files);
    }

    boolean isIncluded() {
        return files.stream().allMatch(file -> Assets.has(assets + file));
    }

    Optional<Path> layOut(Path dataFolder) throws IOException {
        return isIncluded() ? Optional.of(layOut(dataFolder, file -> Assets.open(assets + file))) : Optional.empty();
    }

    /** Where the files come from. */
    interface Source {
        InputStream open(String file) throws IOException;
    }

    /** One at a time in this program; another program may be about the same. */
    synchronized Path layOut(Path dataFolder, Source source) throws IOException {
        Path models = dataFolder.resolve("included");
        try {
            Map<String, Long> sizes = new TreeMap<>();
            Path folder = models.resolve(prefix + hash(source, sizes));
            if (!isWhole(folder, sizes)) {
                lay(models, folder, sizes, source);
                removeOthers(models, folder);
            }
            return folder;
        } catch (IOException e) {
            throw new IOException(
                    "The model that comes with Atelier can't be laid out in " + models + ": " + e.getMessage()
                            + "; make room there or name another folder in ATELIER_HOME.",
                    e);
        }
    }

    private String hash(Source source, Map<String, Long> sizes) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        for (String file : files) {
            digest.update(file.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            long size = 0;
            try (InputStream in = source.open(file)) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    digest.update(buffer, 0, read);
                    size += read;
                }
            }
            digest.update(Long.toString(size).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            sizes.put(file, size);
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, HASH_DIGITS);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static boolean isWhole(Path folder, Map<String, Long> sizes) throws IOException {
        for (Map.Entry<String, Long> file : sizes.entrySet()) {
            Path path = folder.resolve(file.getKey());
            if (!Files.isRegularFile(path) || Files.size(path) != file.getValue()) {
                return false;
            }
        }
        return true;
    }

    private void lay(Path models, Path folder, Map<String, Long> sizes, Source source) throws IOException {
        Files.createDirectories(models);
        Path unfinished = Files.createTempDirectory(models, UNFINISHED);
        try {
            for (String file : files) {
                Path path = unfinished.resolve(file);
                try (InputStream in = source.open(file);
                        OutputStream out = Files.newOutputStream(path)) {
                    in.transferTo(out);
                }
                force(path);
            }
            // Not whole, it was damaged; whole, another program has laid it out meanwhile and may be reading it.
            if (Files.exists(folder) && !isWhole(folder, sizes)) {
                remove(folder);
            }
            try {
                move(unfinished, folder);
            } catch (FileSystemException e) {
                if (!isWhole(folder, sizes)) {
                    throw e;
                }
            }
        } finally {
            remove(unfinished);
        }
    }

    private static void force(Path file) throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static void move(Path unfinished, Path folder) throws IOException {
        try {
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(unfinished, folder);
        }
    }

    /** Other versions' folders, and what a program that was killed left behind. */
    private void removeOthers(Path models, Path kept) throws IOException {
        List<Path> others = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(models)) {
            for (Path each : all) {
                String name = String.valueOf(each.getFileName());
                boolean old = name.startsWith(prefix) && !each.equals(kept);
                if (old || name.startsWith(UNFINISHED) && isOld(each)) {
                    others.add(each);
                }
            }
        }
        for (Path each : others) {
            try {
                remove(each);
            } catch (IOException e) {
                // Still open in another program; the next time it goes.
                continue;
            }
        }
    }

    private static boolean isOld(Path path) throws IOException {
        FileTime changed = Files.getLastModifiedTime(path);
        return changed.toInstant().isBefore(Instant.now().minus(UNFINISHED_AT_MOST));
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @org.jspecify.annotations.Nullable IOException e)
                    throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
