package studio.atelier.engine.nn;

import java.util.Optional;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Tensor;

/**
 * Two convolutions, each behind a norm and SiLU, beside a way round them (He et al. 2016, as in the autoencoders of
 * Rombach et al. 2022).
 *
 * @param shortcut of one pixel, where the number of channels changes
 */
public record ResidualConvolutions(
        Backend backend,
        GroupNorm firstNorm,
        Convolution first,
        GroupNorm secondNorm,
        Convolution second,
        Optional<Convolution> shortcut) {
    /** {@code [Y, X, C]} to {@code [Y, X, C']}. */
    public Tensor apply(Tensor x) {
        Tensor hidden = first.apply(firstNorm.apply(x, Activation.SILU)); // [Y, X, C']
        Tensor changed = second.apply(secondNorm.apply(hidden, Activation.SILU));
        Tensor kept = shortcut.isPresent() ? shortcut.get().apply(x) : x;
        return backend.add(kept, changed);
    }
}
