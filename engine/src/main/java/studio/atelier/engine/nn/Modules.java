package studio.atelier.engine.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightSource;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Makes layers from a model's weights, by module name and expected shape. Every method throws {@link EngineException}
 * when a tensor is missing or of another shape.
 */
public record Modules(Backend backend, WeightSource weights) {
    /** A linear layer, with its bias when the model has one. */
    public Linear linear(String module, int out, int in) throws EngineException {
        return new Linear(backend, weights.matrix(module, out, in), optionalVector(module + ".bias", out));
    }

    /** A norm over {@code size} elements. */
    public RmsNorm norm(String module, int size, float epsilon) throws EngineException {
        return new RmsNorm(backend, vector(module + ".weight", size), epsilon);
    }

    /** {@code gate_proj}, {@code up_proj} and {@code down_proj} of a module. */
    public SwiGlu swiGlu(String module, int model, int inner) throws EngineException {
        return new SwiGlu(
                linear(module + ".gate_proj", inner, model),
                linear(module + ".up_proj", inner, model),
                linear(module + ".down_proj", model, inner));
    }

    /** The experts' matrices of one kind, stored as one stack (MLX) or one by one (Hugging Face). */
    public WeightStack experts(String stacked, IntFunction<String> single, int count, int out, int in)
            throws EngineException {
        if (weights.has(stacked + ".weight")) {
            return weights.stack(stacked, count, out, in);
        }
        List<Weight> each = new ArrayList<>(count);
        for (int expert = 0; expert < count; expert++) {
            each.add(weights.matrix(single.apply(expert), out, in));
        }
        return new WeightStack(each);
    }

    /** The output layer: its own, or the embedding's matrix again. */
    public Linear head(String module, Weight embedding, boolean tied) throws EngineException {
        if (tied) {
            weights.ignore(module + ".weight");
            return new Linear(backend, embedding, Optional.empty());
        }
        return linear(module, embedding.rows(), embedding.columns());
    }

    /** A small tensor brought to the backend. */
    public Tensor vector(String tensor, int... axes) throws EngineException {
        return backend.upload(Shape.of(axes), weights.numbers(tensor, axes));
    }

    /** As {@link #vector}, when it exists. */
    public Optional<Tensor> optionalVector(String tensor, int... axes) throws EngineException {
        return weights.has(tensor) ? Optional.of(vector(tensor, axes)) : Optional.empty();
    }
}
