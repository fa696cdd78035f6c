package studio.atelier.models.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.models.download.DurableFile;
import studio.atelier.models.download.Volume;

/**
 * The folders that models lie in, as the person chose them: the data folder's own, and others, perhaps on other disks.
 * The first is where new ones go. Kept beside the models, so that the window and the terminal see the same. Any thread
 * may ask; of two programs that change it at the same moment the later one counts.
 */
public final class ModelFolders {
    private static final String NAME = "model-folders.json";
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_FOLDERS = 100;

    private final Path file;
    private final Path own;

    public ModelFolders(Path dataFolder) {
        file = dataFolder.resolve(NAME);
        own = normal(dataFolder.resolve("models"));
    }

    private static Path normal(Path folder) {
        return folder.toAbsolutePath().normalize();
    }

    /** The data folder's own, which can't be taken away. */
    public Path own() {
        return own;
    }

    /** All of them, whether their disks are connected or not. */
    public synchronized List<Path> all() throws IOException {
        List<Path> folders = new ArrayList<>();
        if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
            for (JsonNode node : read().path("folders")) {
                addNamed(folders, node.asText(""));
            }
        }
        if (!folders.contains(own)) {
            folders.add(own);
        }
        return List.copyOf(folders);
    }

    private JsonNode read() throws IOException {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new IOException(file + " can't be understood; remove it, then choose the folders again.", e);
        }
    }

    private static void addNamed(List<Path> folders, String name) {
        try {
            Path folder = Path.of(name);
            boolean fresh = folder.isAbsolute() && !folders.contains(normal(folder)) && folders.size() < MOST_FOLDERS;
            if (fresh) {
                folders.add(normal(folder));
            }
        } catch (InvalidPathException e) {
            // Written on another system; there is no such place here.
            return;
        }
    }

    /**
     * Adds one, after the others.
     *
     * @throws IOException when it is no folder, in one sentence
     */
    public synchronized void add(Path folder) throws IOException {
        Path wanted = normal(folder);
        if (!Files.isDirectory(wanted)) {
            throw new IOException(wanted + " is no folder; make it first, or connect its disk.");
        }
        List<Path> folders = new ArrayList<>(all());
        if (folders.size() >= MOST_FOLDERS) {
            throw new IOException("There are " + folders.size() + " folders with models already; remove one first.");
        }
        if (!folders.contains(wanted)) {
            folders.add(wanted);
            write(folders);
        }
    }

    /**
     * Lets new models go there.
     *
     * @throws IOException when nothing can be written there, or it is none of the folders
     */
    public synchronized void moveToFront(Path folder) throws IOException {
        Path wanted = normal(folder);
        List<Path> folders = new ArrayList<>(all());
        if (!folders.remove(wanted)) {
            throw new IOException(wanted + " is none of the " + folders.size() + " folders with models; add it first.");
        }
        boolean writable = wanted.equals(own) || Files.isDirectory(wanted) && Files.isWritable(wanted);
        if (!writable) {
            throw new IOException(
                    wanted + " can't be written; connect its disk, or allow writing there, then try again.");
        }
        folders.addFirst(wanted);
        write(folders);
    }

    /** Forgets one; the models in it stay where they are. */
    public synchronized void remove(Path folder) throws IOException {
        Path wanted = normal(folder);
        if (wanted.equals(own)) {
            throw new IOException("Atelier's own folder stays; let new models go to another one instead.");
        }
        List<Path> folders = new ArrayList<>(all());
        if (!folders.remove(wanted)) {
            throw new IOException(wanted + " is none of the " + folders.size() + " folders with models.");
        }
        write(folders);
    }

    private void write(List<Path> folders) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        ArrayNode names = root.putArray("folders");
        folders.forEach(folder -> names.add(folder.toString()));
        Path parent = file.toAbsolutePath().getParent();
        Files.createDirectories(parent == null ? file : parent);
        DurableFile.write(
                Volume.REAL, file, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
    }
}
