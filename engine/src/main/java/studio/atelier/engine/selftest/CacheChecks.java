package studio.atelier.engine.selftest;

import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/** What writes and reads keys and values, as a backend keeps them; see {@link KernelChecks}. */
final class CacheChecks {
    private static final QuantFormat FOUR_BIT = new QuantFormat.Affine(4, 64, DType.BF16);

    private final RandomWeights weights;
    private final BiConsumer<String, Function<Backend, Tensor>> check;

    /** {@code check} compares an operation, by its name. */
    CacheChecks(RandomWeights weights, BiConsumer<String, Function<Backend, Tensor>> check) {
        this.weights = weights;
        this.check = check;
    }

    void all() {
        stores();
        attention();
    }

    /** Norm, rotary positions and the way into a cache. */
    private void stores() {
        double[] frequencies = new double[8];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(10_000, -i / 8.0);
        }
        float[] x = weights.numbers(3 * 2 * 24);
        float[] factors = weights.numbers(24);
        for (Rope.Pairing pairing : Rope.Pairing.values()) {
            Rope rope = new Rope(frequencies, pairing, 1.3f);
            check.accept("norm, rotary positions and store, " + pairing, b -> {
                Tensor normed = b.rmsNorm(b.upload(Shape.of(3, 2, 24), x), b.upload(Shape.of(24), factors), 1e-6f);
                b.rotate(normed, rope, 5);
                Tensor cache = b.allocateCache(Shape.of(8, 2, 24));
                b.store(normed, cache, 5);
                return cache;
            });
        }
    }

    /** Attention over caches. */
    private void attention() {
        attend(1, 0, 4, 2, 32, Integer.MAX_VALUE, false);
        attend(1, 70, 8, 1, 64, Integer.MAX_VALUE, true);
        attend(5, 40, 6, 3, 24, 9, true);
        attend(19, 3, 4, 4, 16, Integer.MAX_VALUE, false);
        attend(1, 600, 4, 2, 32, Integer.MAX_VALUE, true);
        attend(1, 600, 4, 2, 32, 128, false);
        for (int length : new int[] {1, 3, 17}) {
            int first = 300;
            int heads = 10;
            float[] q = weights.numbers(length * heads * 64);
            float[] ropeQ = weights.numbers(length * heads * 16);
            float[] latents = weights.numbers((first + length) * 64);
            float[] ropeKeys = weights.numbers((first + length) * 16);
            check.accept(
                    "latent attention, " + length + " positions after " + first,
                    b -> b.attendLatent(
                            b.upload(Shape.of(length, heads, 64), q),
                            b.upload(Shape.of(length, heads, 16), ropeQ),
                            cache(b, Shape.of(first + length, 64), latents),
                            cache(b, Shape.of(first + length, 16), ropeKeys),
                            Attending.all(0.1f),
                            first));
        }
        LatentUp up = new LatentUp(weights.stack(FOUR_BIT, 2, 64, 64), true, weights.stack(FOUR_BIT, 2, 24, 64));
        float[] q = weights.numbers(18 * 2 * 64);
        float[] ropeQ = weights.numbers(18 * 2 * 8);
        float[] latents = weights.numbers(18 * 64);
        float[] ropeKeys = weights.numbers(18 * 8);
        check.accept(
                "latent attention, expanded",
                b -> b.attendExpanded(
                        b.upload(Shape.of(18, 2, 64), q),
                        b.upload(Shape.of(18, 2, 8), ropeQ),
                        cache(b, Shape.of(18, 64), latents),
                        cache(b, Shape.of(18, 8), ropeKeys),
                        up,
                        Attending.all(0.1f),
                        0));
    }

    private void attend(int length, int first, int heads, int keyHeads, int size, int window, boolean withSinks) {
        float[] q = weights.numbers(length * heads * size);
        float[] k = weights.numbers((first + length) * keyHeads * size);
        float[] v = weights.numbers((first + length) * keyHeads * size);
        float[] sinks = weights.numbers(heads);
        String name = "attention, " + length + " positions after " + first + ", " + heads + " heads on " + keyHeads
                + (window == Integer.MAX_VALUE ? "" : ", window " + window) + (withSinks ? ", sinks" : "");
        check.accept(
                name,
                b -> b.attend(
                        b.upload(Shape.of(length, heads, size), q),
                        cache(b, Shape.of(first + length, keyHeads, size), k),
                        cache(b, Shape.of(first + length, keyHeads, size), v),
                        withSinks ? Optional.of(b.upload(Shape.of(heads), sinks)) : Optional.empty(),
                        new Attending(window, 0.2f),
                        first));
    }

    /** Keys or values as a backend keeps them. */
    private static Tensor cache(Backend b, Shape shape, float[] numbers) {
        Tensor cache = b.allocateCache(shape);
        b.store(b.upload(shape, numbers), cache, 0);
        return cache;
    }
}
