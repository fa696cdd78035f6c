package studio.atelier.engine.nn;

import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.PartOfWeights;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Window;

/**
 * Makes the layers of models of pictures from their weights, as {@link Modules} does for language.
 *
 * @param modules the layers that both have
 * @param pictures the backend's operations for pictures
 */
public record PictureModules(Modules modules, PictureOperations pictures) {
    /** Refuses a backend that has no operations for pictures. */
    public static PictureModules over(Modules modules) throws EngineException {
        PictureOperations pictures = modules.backend()
                .pictures()
                .orElseThrow(() -> new EngineException(
                        EngineException.Reason.BACKEND_UNAVAILABLE,
                        "Pictures can't be computed on \"" + modules.backend().description()
                                + "\" yet; choose the cpu backend."));
        return new PictureModules(modules, pictures);
    }

    /** The layers whose names begin with this. */
    public PictureModules part(String prefix) {
        return new PictureModules(
                new Modules(modules.backend(), new PartOfWeights(modules.weights(), prefix)), pictures);
    }

    public Backend backend() {
        return modules.backend();
    }

    /** A convolution, with its bias when the model has one. */
    public Convolution convolution(String module, int out, int in, Window window) throws EngineException {
        return new Convolution(
                pictures,
                modules.weights().filter(module, out, in, window.height(), window.width()),
                modules.optionalVector(module + ".bias", out),
                window);
    }

    /** A convolution of one pixel as a linear layer. */
    public Linear pixelLinear(String module, int out, int in) throws EngineException {
        return new Linear(
                backend(),
                modules.weights().filter(module, out, in, 1, 1),
                modules.optionalVector(module + ".bias", out));
    }

    public GroupNorm groupNorm(String module, int channels, int groups, float epsilon) throws EngineException {
        return new GroupNorm(
                pictures,
                modules.vector(module + ".weight", channels),
                modules.vector(module + ".bias", channels),
                groups,
                epsilon);
    }

    public LayerNorm layerNorm(String module, int size, float epsilon) throws EngineException {
        return new LayerNorm(
                pictures,
                Optional.of(modules.vector(module + ".weight", size)),
                Optional.of(modules.vector(module + ".bias", size)),
                epsilon);
    }

    /** {@code <first>} and {@code <second>} with an activation between. */
    public Projector projector(String first, String second, int in, int inner, int out, Activation between)
            throws EngineException {
        return new Projector(pictures, modules.linear(first, inner, in), between, modules.linear(second, out, inner));
    }
}
