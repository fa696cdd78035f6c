package studio.atelier.engine.loading;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.models.Architectures;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.weights.GenerationConfig;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.StoredTensor;

/**
 * A model's folder, open: its configuration read, its weight files mapped and checked. Whoever opened it closes it, after
 * everything that computes with its weights.
 */
public final class ModelFolder implements AutoCloseable {
    private static final long CHUNK_BYTES = 32L << 20;
    private static final int PAGE_BYTES = 4096;

    private final Path path;
    private final Memory memory;
    private final ModelConfig config;
    private final ModelFiles files;
    private final Map<String, StoredTensor> tensors;

    private ModelFolder(Path path, Memory memory, ModelConfig config, ModelFiles files) {
        this.path = path;
        this.memory = memory;
        this.config = config;
        this.files = files;
        this.tensors = files.tensors();
    }

    /** Opens a folder on this machine. */
    public static ModelFolder open(Path path) throws EngineException {
        return open(path, Memory.ofThisMachine());
    }

    /** Opens a folder as a machine would on which every model has room. */
    public static ModelFolder openOnAnyMachine(Path path) throws EngineException {
        return open(path, new Memory(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    /** Opens a folder on a machine with this much memory. */
    static ModelFolder open(Path path, Memory memory) throws EngineException {
        if (!Files.isDirectory(path)) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE,
                    "There is no folder " + path + "; choose the folder that holds config.json.");
        }
        ModelConfig config = ModelConfig.inFolder(path);
        Architectures.requireKnown(config.modelType());
        ModelFiles files = ModelFiles.open(path);
        try {
            memory.require(FolderWeights.sizeBytes(files.tensors()));
        } catch (EngineException e) {
            files.close();
            throw e;
        }
        return new ModelFolder(path, memory, config, files);
    }

    /**
     * Makes the model over a backend. Refuses when a tensor is missing, left over or of another shape than the
     * configuration asks for.
     */
    public CausalModel load(Backend backend) throws EngineException {
        FolderWeights.adopt(tensors, backend);
        FolderWeights weights = new FolderWeights(tensors, new Quantization(config.copy()));
        CausalModel model = Architectures.load(config, new Modules(backend, weights));
        weights.requireAllUsed(architecture());
        return model;
    }

    /** Told how much has been brought into memory. */
    @FunctionalInterface
    public interface Progress {
        void read(long readBytes, long totalBytes);
    }

    /**
     * Touches every page of the weights, so that the first answer does not wait for the disk.
     *
     * @throws EngineException with reason CLOSED when the thread was interrupted
     */
    public void bringIn(Progress progress) throws EngineException {
        try {
            touch(progress);
        } catch (InternalError e) {
            // The system tells so that a page of a mapped file is not there.
            throw new EngineException(
                    Reason.MODEL_FILE_BROKEN,
                    "A weight file in " + path + " became shorter while it was read, or the disk has a fault;"
                            + " download the model again.",
                    e);
        }
    }

    private void touch(Progress progress) throws EngineException {
        long total = sizeBytes();
        long read = 0;
        long told = 0;
        progress.read(0, total);
        for (StoredTensor tensor : tensors.values()) {
            MemorySegment bytes = tensor.bytes();
            for (long at = 0; at < bytes.byteSize(); at += PAGE_BYTES) {
                bytes.get(ValueLayout.JAVA_BYTE, at);
                if (read + at - told >= CHUNK_BYTES) {
                    requireWanted();
                    told = read + at;
                    progress.read(told, total);
                }
            }
            read += bytes.byteSize();
        }
        requireWanted();
        progress.read(total, total);
    }

    private void requireWanted() throws EngineException {
        if (Thread.currentThread().isInterrupted()) {
            throw new EngineException(Reason.CLOSED, "Loading " + name() + " was cancelled.");
        }
    }

    /**
     * How long a context of this model may be on this machine.
     *
     * @param askedTokens what the person wants, at most; 0 for as much as there can be
     */
    public int contextTokens(CausalModel model, int askedTokens) throws EngineException {
        return memory.contextTokens(
                sizeBytes(), model.newCache().bytesPerPosition(), model.maxPositions(), askedTokens);
    }

    /** What the publisher says about generating. */
    public GenerationConfig generationConfig() throws EngineException {
        return GenerationConfig.inFolder(path, config);
    }

    public Path path() {
        return path;
    }

    /** The folder's name, for people. */
    public String name() {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? path.toString() : name.toString();
    }

    /** The {@code model_type}. */
    public String architecture() throws EngineException {
        return config.modelType();
    }

    /** For people: "4-bit", "BF16". */
    public String quantization() {
        String most = tensors.values().stream()
                .max((a, b) -> Long.compare(a.bytes().byteSize(), b.bytes().byteSize()))
                .map(tensor -> tensor.dtype().name())
                .orElse("");
        return new Quantization(config.copy()).label(most);
    }

    /** Bytes of all weights. */
    public long sizeBytes() {
        return FolderWeights.sizeBytes(tensors);
    }

    @Override
    public void close() {
        files.close();
    }
}
