package studio.atelier.engine.weights;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * All tensors of a model folder: the files its index names, or {@code model.safetensors}, or every safetensors file
 * there is. Whoever opened it closes it; after that no tensor may be touched.
 */
public final class ModelFiles implements AutoCloseable {
    private static final String SINGLE = "model.safetensors";
    private static final int MOST_FILES = 10_000;

    private final List<Safetensors> files;
    private final Map<String, StoredTensor> tensors;

    private ModelFiles(List<Safetensors> files, Map<String, StoredTensor> tensors) {
        this.files = files;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * Opens every file of the model and checks them against the index.
     *
     * @throws EngineException {@link Reason#MODEL_FOLDER_INCOMPLETE} when the folder or a file of it is missing,
     *     {@link Reason#TENSOR_MISSING} when the index names a tensor that its file doesn't hold,
     *     {@link Reason#MODEL_FILE_BROKEN} when files contradict each other or themselves
     */
    public static ModelFiles open(Path folder) throws EngineException {
        if (!Files.isDirectory(folder)) {
            throw new EngineException(Reason.MODEL_FOLDER_INCOMPLETE, folder + " is not a folder.");
        }
        Path indexFile = folder.resolve(ShardIndex.NAME);
        if (!Files.exists(indexFile)) {
            return opened(folder, unindexedNames(folder), Map.of());
        }
        Map<String, String> fileOfTensor = ShardIndex.read(indexFile).fileOfTensor();
        Set<String> names = new LinkedHashSet<>(fileOfTensor.values());
        checkNoStranger(folder, names);
        return opened(folder, names, fileOfTensor);
    }

    private static Set<String> unindexedNames(Path folder) throws EngineException {
        if (Files.exists(folder.resolve(SINGLE))) {
            return Set.of(SINGLE);
        }
        Set<String> names = safetensorsIn(folder, "*.safetensors");
        if (names.isEmpty()) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE,
                    folder + " holds no .safetensors file; download the model again, in the safetensors format.");
        }
        return names;
    }

    /** A shard left over from another version would shadow nothing, but says that the folder is a mixture. */
    private static void checkNoStranger(Path folder, Set<String> names) throws EngineException {
        for (String name : safetensorsIn(folder, "model*.safetensors")) {
            if (!names.contains(name)) {
                throw SafetensorsHeader.broken(
                        folder.resolve(name).toString(),
                        "the index beside it names " + names.size()
                                + " other files but not this one; remove it, or download the model again");
            }
        }
    }

    private static Set<String> safetensorsIn(Path folder, String pattern) throws EngineException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
            for (Path file : found) {
                // macOS leaves "._name" files on foreign volumes.
                String name = String.valueOf(file.getFileName());
                if (!name.startsWith(".")) {
                    names.add(name);
                }
            }
        } catch (IOException e) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE, folder + " can't be read: " + e.getMessage() + ".", e);
        }
        return names;
    }

    private static ModelFiles opened(Path folder, Set<String> names, Map<String, String> fileOfTensor)
            throws EngineException {
        if (names.size() > MOST_FILES) {
            throw SafetensorsHeader.broken(
                    folder.toString(), "expected at most " + MOST_FILES + " weight files, got " + names.size());
        }
        List<Safetensors> files = new ArrayList<>();
        try {
            Map<String, StoredTensor> tensors = new LinkedHashMap<>();
            for (String name : names) {
                Safetensors file = Safetensors.open(folder.resolve(name));
                files.add(file);
                for (StoredTensor tensor : file.tensors().values()) {
                    add(tensor, name, tensors, fileOfTensor);
                }
            }
            for (Map.Entry<String, String> entry : fileOfTensor.entrySet()) {
                if (!tensors.containsKey(entry.getKey())) {
                    throw new EngineException(
                            Reason.TENSOR_MISSING,
                            folder.resolve(entry.getValue()) + ": " + Shown.text(entry.getKey())
                                    + " is not in it, though the index says so; download the model again.");
                }
            }
            return new ModelFiles(files, tensors);
        } catch (EngineException | RuntimeException e) {
            files.forEach(Safetensors::close);
            throw e;
        }
    }

    private static void add(
            StoredTensor tensor, String file, Map<String, StoredTensor> tensors, Map<String, String> fileOfTensor)
            throws EngineException {
        String indexed = fileOfTensor.getOrDefault(tensor.name(), fileOfTensor.isEmpty() ? file : "no file");
        if (!indexed.equals(file)) {
            throw SafetensorsHeader.broken(
                    tensor.file().toString(),
                    "it holds " + Shown.text(tensor.name()) + ", which the index places in " + indexed);
        }
        StoredTensor twin = tensors.putIfAbsent(tensor.name(), tensor);
        if (twin != null) {
            throw SafetensorsHeader.broken(
                    tensor.file().toString(),
                    "it holds " + Shown.text(tensor.name()) + ", which " + twin.file() + " holds too");
        }
    }

    /** By name; file after file, in the order in which they lie there. */
    public Map<String, StoredTensor> tensors() {
        return tensors;
    }

    /** A tensor that must be there. */
    public StoredTensor tensor(String name) throws EngineException {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new EngineException(
                    Reason.TENSOR_MISSING,
                    "The model's " + files.size() + " files hold " + tensors.size() + " tensors but not "
                            + Shown.text(name) + ".");
        }
        return tensor;
    }

    /** Bytes of all tensors. */
    public long sizeBytes() {
        return tensors.values().stream().mapToLong(StoredTensor::sizeBytes).sum();
    }

    @Override
    public void close() {
        files.forEach(Safetensors::close);
    }
}
