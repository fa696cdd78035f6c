package studio.atelier.engine.tensor;

import java.util.Optional;
import studio.atelier.engine.EngineException;

/**
 * Where an architecture finds its weights, by module name and expected shape. What is asked for counts as used.
 *
 * <p>Every method throws {@link EngineException} naming the file, the tensor and the numbers when something is missing
 * or of another shape.
 */
public interface WeightSource {
    /** Whether a tensor of this full name exists. */
    boolean has(String tensor);

    /** The matrix {@code <module>.weight} with its scales, whatever its format. */
    Weight matrix(String module, int rows, int columns) throws EngineException;

    /** A stack stored as one tensor {@code <module>.weight} of {@code [count, rows, columns]}. */
    WeightStack stack(String module, int count, int rows, int columns) throws EngineException;

    /** A few numbers as a lasting tensor; {@code tensor} is the full name. */
    Tensor vector(String tensor, int... axes) throws EngineException;

    /** As {@link #vector}, when it exists. */
    default Optional<Tensor> optionalVector(String tensor, int... axes) throws EngineException {
        return has(tensor) ? Optional.of(vector(tensor, axes)) : Optional.empty();
    }

    /** Marks a tensor as known and not needed. */
    void ignore(String tensor);
}
