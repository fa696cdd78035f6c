package studio.atelier.models.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.models.catalog.FitEstimate.Verdict;
import studio.atelier.models.hostile.GoldenHub;

final class FitEstimateTest {
    private static final long GB = 1L << 30;

    @Test
    void sizeOfFourBitsIsThatOfTheFolder() throws Exception {
        for (String model : new String[] {"qwen3_moe", "deepseek_v2"}) {
            var folder = GoldenHub.GOLDEN.resolve(model);
            try (ModelFiles published = ModelFiles.open(folder.resolve("hf"));
                    ModelFiles small = ModelFiles.open(folder.resolve("mlx-q4"))) {
                ModelConfig config = ModelConfig.inFolder(folder.resolve("hf"));
                ModelSize size = ModelSize.of(config, published.tensors(), Optional.of(Scheme.affine(4, 64)));
                assertEquals(small.sizeBytes(), size.weightBytes(), small.sizeBytes() * 0.05, model);
                assertTrue(size.tokenBytes() < size.weightBytes(), "a token reads all experts");
            }
        }
    }

    @Test
    void latentAttentionCachesOneVectorForAllHeads() throws Exception {
        var folder = GoldenHub.GOLDEN.resolve("deepseek_v3/hf");
        try (ModelFiles files = ModelFiles.open(folder)) {
            ModelConfig config = ModelConfig.inFolder(folder);
            long expected = 4L
                    * config.integer("num_hidden_layers", 1, 99)
                    * (config.integer("kv_lora_rank", 1, 999) + config.integer("qk_rope_head_dim", 1, 999));
            assertEquals(
                    expected,
                    ModelSize.of(config, files.tensors(), Optional.empty()).cacheBytesPerToken());
        }
    }

    @Test
    void verdictsSayHowMuch() {
        Machine mac = Machine.of(512 * GB, true);
        assertEquals(384 * GB, mac.limitBytes());
        ModelSize model = new ModelSize(360 * GB, 20 * GB, 70_000, 131_072);
        assertTrue(FitEstimate.of(model, mac, 1_000, true).verdict() instanceof Verdict.Fits);
        FitEstimate long128k = FitEstimate.of(new ModelSize(380 * GB, 20 * GB, 70_000, 131_072), mac, 131_072, true);
        assertTrue(long128k.verdict() instanceof Verdict.FitsWithRaisedLimit(long limit)
                && limit == long128k.neededBytes());
        FitEstimate large = FitEstimate.of(new ModelSize(600 * GB, 20 * GB, 0, 1), mac, 1, true);
        assertTrue(large.verdict() instanceof Verdict.DoesNotFit(long missing)
                && missing == large.neededBytes() - mac.raisedLimitBytes());
        assertEquals(Figure.Worth.CALCULATED, large.weights().worth());
        assertEquals(Figure.Worth.ESTIMATED, large.tokensPerSecond().worth());
    }

    @Test
    void recommendationsFitTheMachine() {
        assertEquals(
                "deepseek-ai/DeepSeek-V3-0324",
                Recommendations.forMachine(Machine.of(512 * GB, true))
                        .getFirst()
                        .repository()
                        .toString());
        for (long memory : new long[] {8, 16, 24, 64, 128}) {
            Machine machine = Machine.of(memory * GB, true);
            assertTrue(Recommendations.forMachine(machine).stream()
                    .allMatch(model -> model.memoryBytes() <= machine.limitBytes()));
            assertTrue(!Recommendations.forMachine(machine).isEmpty(), memory + " GB");
        }
    }
}
