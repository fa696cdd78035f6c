package studio.atelier.engine.loading;

import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** The older MLX layout of latent attention, in which {@code kv_b_proj} was quantized whole. */
final class Requantization {
    private Requantization() {}

    static WeightStack of(Weight whole, int count, int first, int stride, int rows, boolean transposed)
            throws EngineException {
        throw new EngineException(
                Reason.DTYPE_UNSUPPORTED,
                whole.name() + " is quantized whole, as older MLX folders have it, which is not read yet; quantize the"
                        + " model again.");
    }
}
