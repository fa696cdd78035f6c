package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/** The router of DeepSeek-V3 against the official masking, in which a dropped group never wins. */
final class RoutingTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "v3, 8, 4, 8, true, 2.5",
        "v3.neg, 8, 4, 8, true, 2.5",
        "v3small, 4, 2, 4, true, 2.5",
        "v3small.neg, 4, 2, 4, true, 2.5",
        "nogroup, 1, 1, 3, true, 1.8",
        "nogroup.neg, 1, 1, 3, true, 1.8",
        "nonorm, 4, 2, 4, false, 1.0",
        "nonorm.neg, 4, 2, 4, false, 1.0",
    })
    void choosesAsTheOfficialCodeDoes(String name, int groups, int kept, int chosen, boolean normalized, float factor)
            throws Exception {
        try (GoldenFile golden = GoldenFile.open("ops/routing.safetensors");
                CpuBackend backend = CpuBackend.scalar();
                Pass _ = backend.beginPass()) {
            float[] gates = golden.floats(name + ".gates");
            float[] bias = golden.floats(name + ".bias");
            Tensor logits = backend.upload(Shape.of(gates.length / bias.length, bias.length), gates);
            RouterRule rule = new RouterRule(
                    RouterRule.Score.SIGMOID, groups, kept, RouterRule.GroupScore.TWO_BEST, chosen, normalized, factor);
            Routing routing = backend.route(logits, Optional.of(backend.upload(Shape.of(bias.length), bias)), rule);
            int[] experts = golden.ints(name + ".maskinf.experts");
            float[] shares = golden.floats(name + ".maskinf.weights");
            for (int row = 0; row < experts.length / chosen; row++) {
                int at = row * chosen;
                assertArrayEquals(
                        sorted(experts, shares, at, chosen, true),
                        sorted(routing.experts(), routing.shares(), at, chosen, true));
                int[] wanted = sorted(experts, shares, at, chosen, false);
                int[] got = sorted(routing.experts(), routing.shares(), at, chosen, false);
                for (int k = 0; k < chosen; k++) {
                    assertEquals(shares[wanted[k]], routing.shares()[got[k]], 1e-5f, "row " + row);
                }
            }
        }
    }

    /** Expert numbers in order, or the places at which they stand. */
    private static int[] sorted(int[] experts, float[] shares, int at, int count, boolean numbers) {
        int[] places = IntStream.range(at, at + count)
                .boxed()
                .sorted(Comparator.comparing(place -> experts[place]))
                .mapToInt(Integer::intValue)
                .toArray();
        return numbers ? Arrays.stream(places).map(place -> experts[place]).toArray() : places;
    }
}
