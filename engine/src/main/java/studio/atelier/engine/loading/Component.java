package studio.atelier.engine.loading;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.models.Configuration;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.WeightSource;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.StoredTensor;

/**
 * One part of a model of several, with a configuration and weights of its own: a folder, or a single file beside others.
 * Whoever opened it closes it, after everything that computes with its weights.
 */
public final class Component implements AutoCloseable {
    private final ModelConfig config;
    private final AutoCloseableFiles files;
    private final Map<String, StoredTensor> tensors;
    private final FolderWeights weights;

    /** What is open behind the tensors. */
    @FunctionalInterface
    private interface AutoCloseableFiles extends AutoCloseable {
        @Override
        void close();
    }

    private Component(ModelConfig config, AutoCloseableFiles files, Map<String, StoredTensor> tensors) {
        this.config = config;
        this.files = files;
        this.tensors = tensors;
        this.weights = new FolderWeights(tensors, new Quantization(config.copy()));
    }

    /** Opens a folder that has a {@code config.json} and safetensors files. */
    public static Component open(Path folder) throws EngineException {
        return checked(look(folder));
    }

    /** As {@link #open(Path)}, also when it is larger than this machine's memory: to be looked at, not computed with. */
    public static Component look(Path folder) throws EngineException {
        if (!Files.isDirectory(folder)) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE,
                    "There is no folder " + folder + "; the model is incomplete, download it again.");
        }
        ModelConfig config = ModelConfig.inFolder(folder);
        ModelFiles files = ModelFiles.open(folder);
        return new Component(config, files::close, files.tensors());
    }

    /** Opens one file of weights whose configuration is at hand. */
    public static Component open(Path file, ModelConfig config) throws EngineException {
        Safetensors opened = Safetensors.open(file);
        return checked(new Component(config, opened::close, opened.tensors()));
    }

    private static Component checked(Component component) throws EngineException {
        try {
            Memory.ofThisMachine().require(component.sizeBytes());
            return component;
        } catch (EngineException e) {
            component.close();
            throw e;
        }
    }

    public Configuration config() {
        return config;
    }

    /** The {@code model_type}, or the empty text. */
    public String modelType() throws EngineException {
        return config.text("model_type", "");
    }

    /**
     * Shows the files to what will compute with them, before the first operation.
     *
     * @throws EngineException when they don't fit
     */
    public void adoptBy(Backend backend) throws EngineException {
        FolderWeights.adopt(tensors, backend);
    }

    public WeightSource weights() {
        return weights;
    }

    /** Refuses tensors that nobody asked for; {@code what} is what messages call the model. */
    public void requireAllUsed(String what) throws EngineException {
        weights.requireAllUsed(what);
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
