package studio.atelier.engine.image;

import java.util.List;
import java.util.Optional;
import studio.atelier.engine.generate.FlowSampler;
import studio.atelier.engine.models.Flux2Autoencoder;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.Tensor;

/** A picture of FLUX.2: a step along the flow each time, then the decoder. */
final class FluxDrawing implements Drawing {
    /** What the decoder takes of the whole, for progress only. */
    private static final double DECODING = 0.1;

    private final FlowSampler sampler;
    private final Flux2Autoencoder autoencoder;
    private final int rows;
    private final int columns;
    private final int blocks;
    private final Provenance provenance;
    private final Trace trace;
    private final Pulse pulse;
    private int blocksDone;

    /**
     * Begins.
     *
     * @param blocks of all steps together, for progress
     */
    FluxDrawing(
            FlowSampler sampler,
            Flux2Autoencoder autoencoder,
            int rows,
            int columns,
            int blocks,
            Provenance provenance,
            Trace trace,
            Pulse pulse) {
        this.sampler = sampler;
        this.autoencoder = autoencoder;
        this.rows = rows;
        this.columns = columns;
        this.blocks = blocks;
        this.provenance = provenance;
        this.trace = trace;
        this.pulse = pulse;
    }

    @Override
    public boolean step() {
        Stages.Watcher counting = (name, result) -> {
            blocksDone++;
            pulse.reached(name, result);
        };
        boolean more = sampler.step(counting);
        trace.append("tokens_after_step", sampler.tokens());
        return more;
    }

    @Override
    public double done() {
        return Math.min(1, (1 - DECODING) * blocksDone / blocks);
    }

    @Override
    public Optional<Picture> partial() {
        return sampler.done() == 0 ? Optional.empty() : Optional.of(decoded(sampler.guess()));
    }

    @Override
    public Picture picture() {
        return decoded(sampler.tokens());
    }

    private Picture decoded(float[] tokens) {
        Tensor made = autoencoder.decode(tokens, rows, columns, pulse);
        float[] numbers = new float[made.shape().size()];
        made.copyTo(numbers);
        trace.put("image", numbers, made.shape().axis(0), made.shape().axis(1), 3);
        return Picture.ofNumbers(made.shape().axis(1), made.shape().axis(0), numbers);
    }

    @Override
    public Provenance provenance() {
        return provenance;
    }

    /** What is known of the picture before it is made. */
    static Provenance provenance(
            PictureRequest request, String model, long seed, int width, int height, int steps, double guidance) {
        return new Provenance(
                request.prompt(), model, seed, width, height, steps, guidance, "", request.told(), "none", List.of());
    }
}
