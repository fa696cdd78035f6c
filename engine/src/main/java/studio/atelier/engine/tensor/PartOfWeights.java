package studio.atelier.engine.tensor;

import studio.atelier.engine.EngineException;

/**
 * The weights of one part of a model, such as the language model within a model of pictures: its tensors under their usual
 * names.
 *
 * @param whole where they lie
 * @param prefix what stands before each name there, with its dot
 */
public record PartOfWeights(WeightSource whole, String prefix) implements WeightSource {
    @Override
    public boolean has(String tensor) {
        return whole.has(prefix + tensor);
    }

    @Override
    public Weight matrix(String module, int rows, int columns) throws EngineException {
        return whole.matrix(prefix + module, rows, columns);
    }

    @Override
    public WeightStack stack(String module, int count, int rows, int columns) throws EngineException {
        return whole.stack(prefix + module, count, rows, columns);
    }

    @Override
    public WeightStack mxfp4Blocks(String name, int count, int rows, int columns) throws EngineException {
        return whole.mxfp4Blocks(prefix + name, count, rows, columns);
    }

    @Override
    public Weight filter(String module, int out, int in, int height, int width) throws EngineException {
        return whole.filter(prefix + module, out, in, height, width);
    }

    @Override
    public float[] numbers(String tensor, int... axes) throws EngineException {
        return whole.numbers(prefix + tensor, axes);
    }

    @Override
    public WeightStack requantized(Weight matrix, int count, int first, int stride, int rows, boolean transposed)
            throws EngineException {
        return whole.requantized(matrix, count, first, stride, rows, transposed);
    }

    @Override
    public void ignore(String tensor) {
        whole.ignore(prefix + tensor);
    }
}
