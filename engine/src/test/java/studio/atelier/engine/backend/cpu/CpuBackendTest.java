package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** Operations of the CPU beside their formulas in double, on one thread and on several. */
final class CpuBackendTest {
    private static final double TOLERANCE = 2e-5;
    private final Random random = new Random(7);

    static List<CpuBackend> backends() {
        return List.of(CpuBackend.scalar(), CpuBackend.vectorized(1), CpuBackend.vectorized(3));
    }

    @ParameterizedTest(name = "{0} positions after {1}, {2} heads on {3}, size {4}, window {5}, sinks {6}")
    @CsvSource({
        "1, 0, 4, 2, 32, 1000, false",
        "3, 17, 4, 1, 24, 1000, false",
        "7, 5, 6, 3, 20, 8, true",
        "1, 40, 2, 2, 64, 8, true",
        "21, 0, 4, 2, 16, 3, true",
    })
    void attendsByTheFormula(int length, int first, int heads, int keyHeads, int size, int window, boolean withSinks) {
        float[] q = floats(length * heads * size);
        float[] k = floats((first + length) * keyHeads * size);
        float[] v = floats((first + length) * keyHeads * size);
        float[] sinks = floats(heads);
        for (CpuBackend each : backends()) {
            try (CpuBackend backend = each;
                    Pass _ = backend.beginPass()) {
                Tensor got = backend.attend(
                        backend.upload(Shape.of(length, heads, size), q),
                        backend.upload(Shape.of(first + length, keyHeads, size), k),
                        backend.upload(Shape.of(first + length, keyHeads, size), v),
                        withSinks ? Optional.of(backend.upload(Shape.of(heads), sinks)) : Optional.empty(),
                        new Attending(window, 0.3f),
                        first);
                float[] out = read(got);
                for (int l = 0; l < length; l++) {
                    for (int h = 0; h < heads; h++) {
                        int kh = h / (heads / keyHeads);
                        double sum = withSinks ? Math.exp(sinks[h]) : 0;
                        double[] mix = new double[size];
                        for (int t = Math.max(0, first + l - window + 1); t <= first + l; t++) {
                            double score = 0;
                            for (int d = 0; d < size; d++) {
                                score += (double) q[(l * heads + h) * size + d] * k[(t * keyHeads + kh) * size + d];
                            }
                            double e = Math.exp(score * 0.3f);
                            sum += e;
                            for (int d = 0; d < size; d++) {
                                mix[d] += e * v[(t * keyHeads + kh) * size + d];
                            }
                        }
                        for (int d = 0; d < size; d++) {
                            assertEquals(mix[d] / sum, out[(l * heads + h) * size + d], TOLERANCE);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} positions after {1}, keys transposed {2}")
    @CsvSource({"1, 0, false", "5, 130, false", "70, 0, true", "33, 64, false", "64, 100, true"})
    void expandsWhatIsAbsorbed(int length, int first, boolean transposed) {
        int heads = 3;
        int keySize = 24;
        int valueSize = 20;
        int rank = 40;
        int ropeSize = 8;
        float[] q = floats(length * heads * keySize);
        float[] qRope = floats(length * heads * ropeSize);
        float[] latents = floats((first + length) * rank);
        float[] ropeKeys = floats((first + length) * ropeSize);
        WeightStack keys = transposed ? stack(heads, rank, keySize) : stack(heads, keySize, rank);
        LatentUp up = new LatentUp(keys, transposed, stack(heads, valueSize, rank));
        Attending rule = Attending.all(0.05f);
        for (CpuBackend each : backends()) {
            try (CpuBackend backend = each;
                    Pass _ = backend.beginPass()) {
                Tensor query = backend.upload(Shape.of(length, heads, keySize), q);
                Tensor rope = backend.upload(Shape.of(length, heads, ropeSize), qRope);
                Tensor c = backend.upload(Shape.of(first + length, rank), latents);
                Tensor r = backend.upload(Shape.of(first + length, ropeSize), ropeKeys);
                Tensor latentQuery = transposed
                        ? backend.multiplyEach(up.keys(), query)
                        : backend.multiplyEachTransposed(up.keys(), query);
                Tensor mixed = backend.attendLatent(latentQuery, rope, c, r, rule, first);
                float[] absorbed = read(backend.multiplyEach(up.values(), mixed));
                float[] expanded = read(backend.attendExpanded(query, rope, c, r, up, rule, first));
                for (int i = 0; i < absorbed.length; i++) {
                    assertEquals(
                            absorbed[i], expanded[i], 2e-4 * Math.max(1, Math.abs(absorbed[i])), backend.description());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void mixesExpertsByTheFormula(CpuBackend each) {
        int length = 13;
        int width = 36;
        int inner = 28;
        int experts = 5;
        float[] x = floats(length * width);
        float[] logits = floats(length * experts);
        float[] gateBias = floats(experts * inner);
        float[] upBias = floats(experts * inner);
        float[] downBias = floats(experts * width);
        WeightStack gate = stack(experts, inner, width);
        WeightStack up = stack(experts, inner, width);
        WeightStack down = stack(experts, width, inner);
        try (CpuBackend backend = each;
                Pass _ = backend.beginPass()) {
            Routing routing = backend.route(
                    backend.upload(Shape.of(length, experts), logits), Optional.empty(), RouterRule.softmax(2, true));
            ExpertWeights weights = new ExpertWeights(
                    gate,
                    up,
                    down,
                    Optional.of(new ExpertWeights.Biases(
                            backend.upload(Shape.of(experts, inner), gateBias),
                            backend.upload(Shape.of(experts, inner), upBias),
                            backend.upload(Shape.of(experts, width), downBias))),
                    new Gating.ClampedSwiGlu(7, 1.702f));
            float[] got = read(backend.mixExperts(backend.upload(Shape.of(length, width), x), routing, weights));
            for (int l = 0; l < length; l++) {
                double[] expected = new double[width];
                for (int k = 0; k < 2; k++) {
                    int e = routing.experts()[2 * l + k];
                    double[] hidden = new double[inner];
                    for (int f = 0; f < inner; f++) {
                        double g = gateBias[e * inner + f] + product(gate.get(e), f, x, l * width);
                        double u = upBias[e * inner + f] + product(up.get(e), f, x, l * width);
                        g = Math.min(g, 7);
                        u = Math.clamp(u, -7, 7);
                        hidden[f] = g / (1 + Math.exp(-1.702 * g)) * (u + 1);
                    }
                    for (int c = 0; c < width; c++) {
                        double sum = downBias[e * width + c];
                        for (int f = 0; f < inner; f++) {
                            sum += element(down.get(e), c, f) * hidden[f];
                        }
                        expected[c] += routing.shares()[2 * l + k] * sum;
                    }
                }
                for (int c = 0; c < width; c++) {
                    assertEquals(expected[c], got[l * width + c], 1e-4 * Math.max(1, Math.abs(expected[c])));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void refusesTokensOutsideTheVocabulary(CpuBackend each) {
        try (CpuBackend backend = each;
                Pass _ = backend.beginPass()) {
            Weight table = stack(1, 4, 8).get(0);
            assertThrows(IllegalArgumentException.class, () -> backend.gather(table, new int[] {4}));
            assertThrows(IllegalArgumentException.class, () -> backend.gather(table, new int[] {-1}));
        }
    }

    private static double product(Weight weight, int row, float[] x, int at) {
        double sum = 0;
        for (int c = 0; c < weight.columns(); c++) {
            sum += element(weight, row, c) * x[at + c];
        }
        return sum;
    }

    private static double element(Weight weight, int row, int column) {
        return weight.values().bytes().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (row * weight.columns() + column));
    }

    private WeightStack stack(int count, int rows, int columns) {
        List<Weight> each = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            each.add(Weight.dense(
                    "w" + i,
                    rows,
                    columns,
                    DType.F32,
                    Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, floats(rows * columns))));
        }
        return new WeightStack(each);
    }

    private static float[] read(Tensor tensor) {
        float[] out = new float[tensor.shape().size()];
        tensor.copyTo(out);
        return out;
    }

    private float[] floats(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
