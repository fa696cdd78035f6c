package studio.atelier.engine.selftest;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RotaryTable;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/** The operations of models of pictures, see {@link KernelChecks}. */
final class PictureChecks {
    private final RandomWeights weights;
    private final BiConsumer<String, Function<Backend, Tensor>> check;

    /** @param check compares an operation, by its name */
    PictureChecks(RandomWeights weights, BiConsumer<String, Function<Backend, Tensor>> check) {
        this.weights = weights;
        this.check = check;
    }

    void all() {
        convolutions();
        norms();
        elements();
        attention();
        rows();
    }

    private static PictureOperations pictures(Backend backend) {
        return backend.pictures().orElseThrow();
    }

    private void convolutions() {
        QuantFormat plain = new QuantFormat.Dense(DType.F32);
        convolution("3 × 3", plain, Window.AROUND, 7, 5, 3, 9);
        convolution("3 × 3", new QuantFormat.Dense(DType.BF16), Window.AROUND, 9, 8, 40, 37);
        convolution("3 × 3, half the size", new QuantFormat.Dense(DType.F16), Window.HALVING, 8, 6, 5, 6);
        convolution("patches of 4 × 4", plain, Window.patches(4), 12, 8, 3, 33);
        convolution("one pixel", plain, Window.PIXEL, 6, 7, 8, 4);
        convolution("5 × 2, wide border", plain, new Window(5, 2, 3, 4, 2), 6, 9, 2, 3);
    }

    private void convolution(
            String name, QuantFormat format, Window window, int height, int width, int channels, int out) {
        Weight filter = weights.matrix(format, out, window.height() * window.width() * channels);
        float[] x = weights.numbers(height * width * channels);
        float[] bias = weights.numbers(out);
        String label =
                "convolution, " + name + ", " + format.label() + ", " + height + " × " + width + " × " + channels;
        check.accept(
                label + ", bias",
                b -> pictures(b)
                        .convolve(
                                b.upload(Shape.of(height, width, channels), x),
                                filter,
                                Optional.of(b.upload(Shape.of(out), bias)),
                                window));
        check.accept(
                label,
                b -> pictures(b)
                        .convolve(b.upload(Shape.of(height, width, channels), x), filter, Optional.empty(), window));
    }

    private void norms() {
        groupNorm(5, 7, 24, 4, Activation.SILU);
        groupNorm(3, 3, 32, 32, Activation.IDENTITY);
        // More rows than one threadgroup sums up, and they don't divide evenly.
        groupNorm(43, 49, 16, 1, Activation.SILU);
        for (int width : new int[] {29, 40}) {
            float[] x = weights.numbers(6 * width);
            float[] factors = weights.numbers(width);
            float[] addends = weights.numbers(width);
            check.accept(
                    "layer norm, " + width + " numbers",
                    b -> pictures(b)
                            .layerNorm(
                                    b.upload(Shape.of(6, width), x),
                                    Optional.of(b.upload(Shape.of(width), factors)),
                                    Optional.of(b.upload(Shape.of(width), addends)),
                                    1e-6f));
            check.accept(
                    "layer norm without weights, " + (width - 3) + " of " + width + " numbers",
                    b -> pictures(b)
                            .layerNorm(
                                    b.columns(b.upload(Shape.of(6, width), x), 3, width),
                                    Optional.empty(),
                                    Optional.empty(),
                                    1e-6f));
        }
    }

    private void groupNorm(int height, int width, int channels, int groups, Activation then) {
        float[] x = weights.numbers(height * width * channels);
        float[] factors = weights.numbers(channels);
        float[] addends = weights.numbers(channels);
        for (int i = 0; i < x.length; i++) {
            // From the top down ever brighter, so that the parts that are summed up apart differ in their means.
            x[i] += 3 + 40f * i / x.length;
        }
        check.accept(
                "group norm, " + height + " × " + width + " × " + channels + " in " + groups,
                b -> pictures(b)
                        .groupNorm(
                                b.upload(Shape.of(height, width, channels), x),
                                b.upload(Shape.of(channels), factors),
                                b.upload(Shape.of(channels), addends),
                                groups,
                                1e-6f,
                                then));
    }

    private void elements() {
        float[] x = weights.numbers(300);
        float[] y = weights.numbers(300);
        float[] sets = weights.numbers(60);
        for (Activation activation : Activation.values()) {
            check.accept(
                    "activation, " + activation, b -> pictures(b).activate(b.upload(Shape.of(15, 20), x), activation));
        }
        check.accept(
                "modulation",
                b -> pictures(b)
                        .modulate(
                                b.upload(Shape.of(15, 20), x),
                                b.columns(b.upload(Shape.of(1, 60), sets), 20, 40),
                                b.columns(b.upload(Shape.of(1, 60), sets), 40, 60)));
        check.accept(
                "gated sum",
                b -> pictures(b)
                        .addGated(
                                b.upload(Shape.of(15, 20), x),
                                b.columns(b.upload(Shape.of(1, 60), sets), 0, 20),
                                b.upload(Shape.of(15, 20), y)));
        check.accept("every pixel four times", b -> pictures(b).doubled(b.upload(Shape.of(5, 4, 15), x)));
    }

    private void attention() {
        attendAll(5, 5, 2, 2, 24);
        attendAll(37, 70, 4, 2, 16);
        attendAll(33, 32, 1, 1, 136);
        attendAll(1, 9, 2, 1, 10);
        int length = 40;
        float[] q = weights.numbers(length * 4 * 16);
        float[] k = weights.numbers(length * 2 * 16);
        float[] v = weights.numbers(length * 2 * 16);
        check.accept(
                "attention over keys of the same pass",
                b -> b.attend(
                        b.upload(Shape.of(length, 4, 16), q),
                        made(b, k, length, 2, 16),
                        made(b, v, length, 2, 16),
                        Optional.empty(),
                        Attending.all(0.3f),
                        0));
    }

    private void attendAll(int length, int keys, int heads, int keyHeads, int size) {
        float[] q = weights.numbers(length * heads * size);
        float[] k = weights.numbers(keys * keyHeads * size);
        float[] v = weights.numbers(keys * keyHeads * size);
        check.accept(
                "attention without an order, " + length + " on " + keys + ", " + heads + " heads on " + keyHeads
                        + " of " + size,
                b -> pictures(b)
                        .attendAll(
                                b.upload(Shape.of(length, heads, size), q),
                                b.upload(Shape.of(keys, keyHeads, size), k),
                                made(b, v, keys, keyHeads, size),
                                0.3f));
    }

    /** Numbers as a pass makes them, not as they were uploaded. */
    private static Tensor made(Backend b, float[] numbers, int... axes) {
        return b.add(b.upload(Shape.of(axes), numbers), b.upload(Shape.of(axes), new float[numbers.length]));
    }

    private void rows() {
        float[] x = weights.numbers(6 * 2 * 10);
        float[] cosines = weights.numbers(6 * 5);
        float[] sines = weights.numbers(6 * 5);
        check.accept("rotations from a table", b -> {
            Tensor turned = made(b, x, 6, 2, 10);
            pictures(b).rotate(turned, new RotaryTable(cosines, sines, 5));
            return turned;
        });
        check.accept("rows cut and joined", b -> {
            Tensor all = b.upload(Shape.of(6, 20), x);
            return pictures(b)
                    .stack(List.of(
                            pictures(b).rows(all, 4, 6),
                            pictures(b).rows(all, 1, 2),
                            b.columns(made(b, x, 3, 40), 20, 40)));
        });
    }
}
