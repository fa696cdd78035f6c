package studio.atelier.engine.tensor;

import java.util.function.UnaryOperator;
import studio.atelier.engine.EngineException;

/**
 * The weights of a model whose files call them otherwise than an architecture asks for.
 *
 * @param whole where they lie
 * @param renamed what a module or tensor that is asked for is called there
 */
public record RenamedWeights(WeightSource whole, UnaryOperator<String> renamed) implements WeightSource {
    @Override
    public boolean has(String tensor) {
        return whole.has(renamed.apply(tensor));
    }

    @Override
    public Weight matrix(String module, int rows, int columns) throws EngineException {
        return whole.matrix(renamed.apply(module), rows, columns);
    }

    @Override
    public WeightStack stack(String module, int count, int rows, int columns) throws EngineException {
        return whole.stack(renamed.apply(module), count, rows, columns);
    }

    @Override
    public WeightStack mxfp4Blocks(String name, int count, int rows, int columns) throws EngineException {
        return whole.mxfp4Blocks(renamed.apply(name), count, rows, columns);
    }

    @Override
    public Weight filter(String module, int out, int in, int height, int width) throws EngineException {
        return whole.filter(renamed.apply(module), out, in, height, width);
    }

    @Override
    public float[] numbers(String tensor, int... axes) throws EngineException {
        return whole.numbers(renamed.apply(tensor), axes);
    }

    @Override
    public WeightStack requantized(Weight matrix, int count, int first, int stride, int rows, boolean transposed)
            throws EngineException {
        return whole.requantized(matrix, count, first, stride, rows, transposed);
    }

    @Override
    public void ignore(String tensor) {
        whole.ignore(renamed.apply(tensor));
    }
}
