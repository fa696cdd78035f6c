package studio.atelier.models.catalog;

/**
 * Whether a model runs on a machine, in numbers.
 *
 * @param weights bytes
 * @param cache bytes of the KV cache at the chosen context
 * @param working bytes for what is computed on the way
 * @param tokensPerSecond while it writes
 */
public record FitEstimate(Verdict verdict, Figure weights, Figure cache, Figure working, Figure tokensPerSecond) {
    private static final long WORKING_BYTES = 512L << 20;

    /** Of the bandwidth on paper, what decoding has been seen to reach. */
    private static final double REACHED = 0.6;

    /** What becomes of it. */
    public sealed interface Verdict {
        /** With so many bytes to spare. */
        record Fits(long spareBytes) implements Verdict {}

        /** When the limit is raised to so many bytes. */
        record FitsWithRaisedLimit(long limitBytes) implements Verdict {}

        /** So many bytes are missing. */
        record DoesNotFit(long missingBytes) implements Verdict {}
    }

    /**
     * Compares.
     *
     * @param contextTokens of the conversation to be held
     * @param exact whether the size comes from the model's headers; otherwise every number is an estimate
     */
    public static FitEstimate of(ModelSize model, Machine machine, int contextTokens, boolean exact) {
        long cache = Math.multiplyExact(model.cacheBytesPerToken(), contextTokens);
        long needed = model.weightBytes() + cache + WORKING_BYTES;
        Verdict verdict = needed <= machine.limitBytes()
                ? new Verdict.Fits(machine.limitBytes() - needed)
                : needed <= machine.raisedLimitBytes()
                        ? new Verdict.FitsWithRaisedLimit(needed)
                        : new Verdict.DoesNotFit(needed - machine.raisedLimitBytes());
        Figure.Worth worth = exact ? Figure.Worth.CALCULATED : Figure.Worth.ESTIMATED;
        double speed = machine.bandwidth().value() * REACHED / Math.max(1, model.tokenBytes());
        return new FitEstimate(
                verdict,
                new Figure(model.weightBytes(), worth),
                new Figure(cache, worth),
                Figure.estimated(WORKING_BYTES),
                Figure.estimated(speed));
    }

    /** All of it, in bytes. */
    public long neededBytes() {
        return (long) (weights.value() + cache.value() + working.value());
    }
}
