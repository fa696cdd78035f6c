package studio.atelier.engine.selftest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** Every operation on several shapes, with tails that fill no block, on two backends. */
public final class KernelChecks {
    /** Relative to the largest number of a result. */
    private static final double TOLERANCE = 2e-5;

    /** Where keys, values, queries and shares are rounded to float16. */
    private static final double HALF_TOLERANCE = 2e-3;

    private static final List<QuantFormat> FORMATS = List.of(
            new QuantFormat.Affine(4, 64, DType.BF16),
            new QuantFormat.Affine(4, 32, DType.F16),
            new QuantFormat.Affine(8, 64, DType.BF16),
            new QuantFormat.Affine(6, 64, DType.F16),
            new QuantFormat.Affine(5, 64, DType.BF16),
            new QuantFormat.Affine(3, 64, DType.BF16),
            new QuantFormat.Affine(2, 128, DType.F32),
            new QuantFormat.Mxfp4(),
            new QuantFormat.Nvfp4(),
            new QuantFormat.Mxfp8(),
            new QuantFormat.Fp8Tiles(128, 128),
            new QuantFormat.Dense(DType.BF16),
            new QuantFormat.Dense(DType.F16),
            new QuantFormat.Dense(DType.F32),
            new QuantFormat.Dense(DType.F8_E4M3),
            new QuantFormat.Dense(DType.F8_E5M2));

    private static final QuantFormat FOUR_BIT = new QuantFormat.Affine(4, 64, DType.BF16);
    private static final QuantFormat PLAIN = new QuantFormat.Dense(DType.F32);

    /**
     * One comparison.
     *
     * @param name operation and shape
     * @param difference largest, relative to the largest number
     * @param tolerance up to which it counts as rounding
     */
    public record Result(String name, double difference, double tolerance) {
        public boolean passed() {
            return difference <= tolerance;
        }
    }

    private final Backend tested;
    private final Backend reference;
    private final boolean half;
    private final Consumer<Result> told;
    private final List<Result> results = new ArrayList<>();
    private final RandomWeights weights = new RandomWeights(4);

    private KernelChecks(Backend tested, Backend reference, boolean half, Consumer<Result> told) {
        this.tested = tested;
        this.reference = reference;
        this.half = half;
        this.told = told;
    }

    /**
     * Compares all operations.
     *
     * @param told each result, as soon as it is known
     */
    public static List<Result> compare(Backend tested, Backend reference, Consumer<Result> told) {
        KernelChecks checks = new KernelChecks(tested, reference, false, told);
        checks.products();
        checks.rows();
        new CacheChecks(checks.weights, checks::check).all();
        checks.experts();
        checks.choice();
        if (tested.pictures().isPresent()) {
            new PictureChecks(checks.weights, checks::check).all();
        }
        return checks.results;
    }

    /** As {@link #compare}, only what reads or writes keys and values, which {@code tested} keeps as float16. */
    public static List<Result> compareHalf(Backend tested, Backend reference, Consumer<Result> told) {
        KernelChecks checks = new KernelChecks(tested, reference, true, told);
        new CacheChecks(checks.weights, checks::check).all();
        return checks.results;
    }

    private void check(String name, Function<Backend, Tensor> operation) {
        float[] expected = computed(reference, operation);
        float[] got = computed(tested, operation);
        double largest = 1e-6;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double off = Math.abs(expected[i] - got[i]);
            difference = Double.isNaN(off) ? Double.POSITIVE_INFINITY : Math.max(difference, off);
        }
        Result result =
                new Result(half ? name + ", float16" : name, difference / largest, half ? HALF_TOLERANCE : TOLERANCE);
        results.add(result);
        told.accept(result);
    }

    private static float[] computed(Backend backend, Function<Backend, Tensor> operation) {
        try (Pass _ = backend.beginPass()) {
            Tensor tensor = operation.apply(backend);
            float[] numbers = new float[tensor.shape().size()];
            tensor.copyTo(numbers);
            return numbers;
        }
    }

    private void products() {
        for (QuantFormat format : FORMATS) {
            Weight weight = weights.matrix(format, 37, 256);
            float[] x = weights.numbers(11 * 256);
            float[] bias = weights.numbers(37);
            for (int length : new int[] {1, 3, 11}) {
                check(
                        "product, " + label(format) + ", " + length + " rows",
                        b -> b.multiply(
                                weight, b.upload(Shape.of(length, 256), x), Optional.of(b.upload(Shape.of(37), bias))));
            }
            check("rows of a table, " + label(format), b -> b.gather(weight, new int[] {36, 0, 17}));
        }
        Weight odd = weights.matrix(PLAIN, 13, 29);
        float[] x = weights.numbers(40 * 29);
        float[] factors = weights.numbers(29);
        float[] other = weights.numbers(40 * 13);
        for (int length : new int[] {1, 8, 9, 40}) {
            check("norm, product and sum, 13 × 29, " + length + " rows", b -> {
                Tensor normed = b.rmsNorm(b.upload(Shape.of(length, 29), x), b.upload(Shape.of(29), factors), 1e-5f);
                return b.add(b.upload(Shape.of(length, 13), other), b.multiply(odd, normed, Optional.empty()));
            });
        }
        // Rows from the middle of a matrix whose tiles are not square.
        QuantFormat narrowTiles = new QuantFormat.Fp8Tiles(16, 32);
        Weight middle = weights.matrix(narrowTiles, 90, 96).slice(21, 50);
        float[] narrow = weights.numbers(11 * 96);
        for (int length : new int[] {2, 11}) {
            check(
                    "product, FP8 in tiles of 16 × 32, rows 21 to 70, " + length + " rows",
                    b -> b.multiply(middle, b.upload(Shape.of(length, 96), narrow), Optional.empty()));
        }
        each(FOUR_BIT, 128);
        each(new QuantFormat.Fp8Tiles(128, 128), 128);
        each(PLAIN, 40);
    }

    private void each(QuantFormat format, int columns) {
        WeightStack stack = weights.stack(format, 3, 20, columns);
        float[] x = weights.numbers(2 * 3 * columns);
        check(
                "each head by its matrix, " + label(format),
                b -> b.multiplyEach(stack, b.upload(Shape.of(2, 3, columns), x)));
        check(
                "each head by its matrix, transposed, " + label(format),
                b -> b.multiplyEachTransposed(stack, b.upload(Shape.of(2, 3, 20), x)));
    }

    private void rows() {
        float[] x = weights.numbers(3 * 2 * 24);
        check("columns side by side, last rows", b -> {
            Tensor all = b.upload(Shape.of(3, 48), x);
            Tensor turned = b.concatenate(b.columns(all, 20, 48), b.columns(all, 0, 20));
            return b.lastRows(turned, 2);
        });
        for (Gating gating : List.of(new Gating.SwiGlu(), new Gating.ClampedSwiGlu(1.5f, 1.702f))) {
            check(
                    "gate, " + gating.getClass().getSimpleName(),
                    b -> b.gate(gating, b.upload(Shape.of(2, 72), x), b.columns(b.upload(Shape.of(2, 72), x), 0, 72)));
        }
    }

    private void experts() {
        RouterRule grouped =
                new RouterRule(RouterRule.Score.SIGMOID, 4, 2, RouterRule.GroupScore.TWO_BEST, 3, true, 2.5f);
        RouterRule softmax = RouterRule.softmax(2, false);
        RouterRule best = new RouterRule(RouterRule.Score.SOFTMAX, 3, 1, RouterRule.GroupScore.BEST, 4, true, 1);
        route("sigmoid, 4 groups", grouped, 16, true);
        route("softmax", softmax, 40, false);
        route("best of 3 groups", best, 12, false);
        float[] equals = {-4, -3, 1, 2, -5, 1.5f, 1, -5, 3, -4, -4, 2.5f, -5, -5, 1.5f, 1};
        groups("groups of equal quality", equals);
        // By their best experts groups 0 and 3 would stay, by their second best 1 and 2; together 1 and 3 are best.
        float[] pairs = {-2.2f, 3.9f, -5, -5, 2.2f, -5, 0.4f, -5, -5, 0.75f, 0.85f, -5, 0, -5, -5, 2.9f};
        groups("groups by their two best", pairs);
        for (int length : new int[] {1, 4, 21}) {
            mixture(FOUR_BIT, length, false, new Gating.SwiGlu());
            mixture(new QuantFormat.Mxfp4(), length, true, new Gating.ClampedSwiGlu(7, 1.702f));
            mixture(new QuantFormat.Fp8Tiles(128, 128), length, false, new Gating.SwiGlu());
        }
    }

    private void route(String name, RouterRule rule, int experts, boolean biased) {
        int length = 5;
        float[] logits = weights.numbers(length * experts);
        // Equal ones: the earlier is chosen, also when a later lane holds it.
        logits[experts - 1] = 9;
        logits[experts - 2] = 9;
        logits[experts + experts - 1] = 8;
        logits[experts + 7] = 8;
        // A later lane's is the earlier, and lanes meet in the order of their bits turned round: 10 before 7.
        logits[2 * experts + 7] = 8;
        logits[2 * experts + 10] = 8;
        float[] bias = weights.numbers(experts);
        check("router, " + name, b -> {
            Routing routing = b.route(
                    b.upload(Shape.of(length, experts), logits),
                    biased ? Optional.of(b.upload(Shape.of(experts), bias)) : Optional.empty(),
                    rule);
            int[] chosen = routing.experts();
            float[] shares = routing.shares();
            float[] both = new float[2 * chosen.length];
            for (int i = 0; i < chosen.length; i++) {
                both[i] = chosen[i];
                both[chosen.length + i] = shares[i];
            }
            return b.upload(Shape.of(both.length), both);
        });
    }

    /** Which of four groups stay: the two best, and of equals the earlier. */
    private void groups(String name, float[] logits) {
        RouterRule rule = new RouterRule(RouterRule.Score.SIGMOID, 4, 2, RouterRule.GroupScore.TWO_BEST, 4, true, 1);
        check("router, " + name, b -> {
            Routing routing = b.route(b.upload(Shape.of(1, logits.length), logits), Optional.empty(), rule);
            int[] chosen = routing.experts();
            float[] numbers = new float[chosen.length];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = chosen[i];
            }
            return b.upload(Shape.of(numbers.length), numbers);
        });
    }

    private void choice() {
        float[] row = weights.numbers(9000);
        // Equal ones in one part and in two, among one thread's numbers and among several's.
        for (int at : new int[] {5, 6, 261, 4095, 4096, 8999}) {
            row[at] = 7;
        }
        // Of one thread's numbers, what is none comes first and a large one later.
        row[17] = Float.NaN;
        row[17 + 256] = 6.5f;
        row[4097] = Float.NEGATIVE_INFINITY;
        for (int count : new int[] {1, 7, 64}) {
            for (int length : new int[] {70, 9000}) {
                float[] logits = Arrays.copyOf(row, length);
                check("the best " + count + " of " + length, b -> b.best(product(b, logits), count));
            }
        }
    }

    /** Numbers as a pass makes them, not as they were uploaded. */
    private static Tensor product(Backend b, float[] numbers) {
        Tensor zeros = b.upload(Shape.of(1, numbers.length), new float[numbers.length]);
        return b.add(b.upload(Shape.of(1, numbers.length), numbers), zeros);
    }

    /** A whole layer: norm, router, experts, a shared one, the residual. */
    private void mixture(QuantFormat format, int length, boolean biased, Gating gating) {
        int width = 128;
        int inner = 96;
        int count = 6;
        if (format instanceof QuantFormat.Affine) {
            inner = 64;
        }
        int innerRows = inner;
        WeightStack gate = weights.stack(format, count, inner, width);
        WeightStack up = weights.stack(format, count, inner, width);
        WeightStack down = weights.stack(format, count, width, inner);
        Weight sharedGate = weights.matrix(format, 2 * inner, width);
        Weight sharedUp = weights.matrix(format, 2 * inner, width);
        Weight sharedDown = weights.matrix(format, width, 2 * inner);
        Weight router = weights.matrix(PLAIN, count, width);
        float[] x = weights.numbers(length * width);
        float[] factors = weights.numbers(width);
        float[] innerBias = weights.numbers(count * inner);
        float[] outerBias = weights.numbers(count * width);
        check("mixture of experts, " + label(format) + ", " + length + " rows", b -> {
            Tensor before = b.upload(Shape.of(length, width), x);
            Tensor normed = b.rmsNorm(before, b.upload(Shape.of(width), factors), 1e-6f);
            Routing routing = b.route(
                    b.multiply(router, normed, Optional.empty()), Optional.empty(), RouterRule.softmax(3, true));
            Optional<ExpertWeights.Biases> biases = biased
                    ? Optional.of(new ExpertWeights.Biases(
                            b.upload(Shape.of(count, innerRows), innerBias),
                            b.upload(Shape.of(count, innerRows), innerBias),
                            b.upload(Shape.of(count, width), outerBias)))
                    : Optional.empty();
            Tensor mixed = b.mixExperts(normed, routing, new ExpertWeights(gate, up, down, biases, gating));
            Tensor hidden = b.gate(
                    gating,
                    b.multiply(sharedGate, normed, Optional.empty()),
                    b.multiply(sharedUp, normed, Optional.empty()));
            return b.add(before, b.add(mixed, b.multiply(sharedDown, hidden, Optional.empty())));
        });
    }

    private static String label(QuantFormat format) {
        return format instanceof QuantFormat.Affine affine
                ? format.label() + " in groups of " + affine.groupSize()
                : format.label();
    }
}
