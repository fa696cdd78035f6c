package studio.atelier.engine.backend.metal;

import java.util.Optional;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Tensor;

/** A choice of experts that lies on the GPU. */
record MetalRouting(RecordingBackend backend, Tensor chosenExperts, Tensor chosenShares) implements Routing {
    @Override
    public int chosen() {
        return chosenExperts.shape().width();
    }

    @Override
    public int[] experts() {
        Value value = MetalBuffer.of(chosenExperts).value();
        Optional<Routing> onCpu = backend.routingOnCpu(value);
        return onCpu.isPresent() ? onCpu.get().experts() : backend.readIntegers(value);
    }

    @Override
    public float[] shares() {
        Optional<Routing> onCpu =
                backend.routingOnCpu(MetalBuffer.of(chosenExperts).value());
        if (onCpu.isPresent()) {
            return onCpu.get().shares();
        }
        float[] shares = new float[chosenShares.shape().size()];
        chosenShares.copyTo(shares);
        return shares;
    }
}
