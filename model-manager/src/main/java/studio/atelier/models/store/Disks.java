package studio.atelier.models.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The other disks of this machine: where models may lie already, and where there is room for more.
 *
 * @param parents folders whose entries are disks
 * @param roots disks that have no such folder, as on Windows
 * @param home on the disk that is not another one
 */
public record Disks(List<Path> parents, List<Path> roots, Path home) {
    private static final List<String> USUAL_PLACES = List.of(
            ".lmstudio/models",
            "LM Studio/models",
            "lmstudio/models",
            "ollama/models",
            ".ollama/models",
            "huggingface/hub",
            "models",
            "Models",
            "AI/models");

    public Disks {
        parents = List.copyOf(parents);
        roots = List.copyOf(roots);
    }

    /**
     * A folder that could be chosen.
     *
     * @param disk what it is on
     * @param isThere whether it exists; otherwise it would be made
     */
    public record Found(Path folder, Path disk, boolean isThere, long freeBytes) {}

    /** Where systems put disks. */
    public static Disks ofThisMachine(Path home) {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            List<Path> roots = new ArrayList<>();
            FileSystems.getDefault().getRootDirectories().forEach(roots::add);
            return new Disks(List.of(), roots, home);
        }
        Path user = Path.of(System.getProperty("user.name", ""));
        return system.startsWith("mac")
                ? new Disks(List.of(Path.of("/Volumes")), List.of(), home)
                : new Disks(
                        List.of(
                                Path.of("/media").resolve(user),
                                Path.of("/run/media").resolve(user),
                                Path.of("/mnt")),
                        List.of(),
                        home);
    }

    /** Folders on other disks; a disk that can't be read has none. */
    public List<Found> look() {
        List<Found> found = new ArrayList<>();
        for (Path disk : disks()) {
            try {
                if (isAnother(disk)) {
                    add(found, disk);
                }
            } catch (IOException e) {
                // Unplugged just now, or another user's.
                continue;
            }
        }
        return found;
    }

    private List<Path> disks() {
        List<Path> disks = new ArrayList<>(roots);
        for (Path parent : parents) {
            try (Stream<Path> entries = Files.list(parent)) {
                disks.addAll(entries.filter(Files::isDirectory).sorted().toList());
            } catch (IOException e) {
                // Most systems have one of these folders only.
                continue;
            }
        }
        return disks;
    }

    private boolean isAnother(Path disk) throws IOException {
        FileStore here = Files.getFileStore(home);
        FileStore there = Files.getFileStore(disk);
        return Files.isReadable(disk) && !here.equals(there);
    }

    private static void add(List<Found> found, Path disk) throws IOException {
        long free = Files.getFileStore(disk).getUsableSpace();
        int before = found.size();
        for (String name : USUAL_PLACES) {
            Path folder = disk.resolve(name);
            boolean fresh = Files.isDirectory(folder) && !isListed(found, folder);
            if (fresh) {
                found.add(new Found(folder, disk, true, free));
            }
        }
        if (found.size() == before && Files.isWritable(disk)) {
            found.add(new Found(disk.resolve("Atelier"), disk, false, free));
        }
    }

    /** On disks that take "models" and "Models" for the same. */
    private static boolean isListed(List<Found> found, Path folder) throws IOException {
        for (Found known : found) {
            if (Files.exists(known.folder()) && Files.isSameFile(known.folder(), folder)) {
                return true;
            }
        }
        return false;
    }
}
