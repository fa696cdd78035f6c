package studio.atelier.engine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.metal.PassAccount;
import studio.atelier.engine.weights.ModelConfig;

/** What a token of well-known models may cost, counted from its dispatches. */
final class TokenPlanTest {
    /** The active weights of DeepSeek-V3 at 4.5 bits, each once. */
    private static final double DEEPSEEK_BYTES = 20.6e9;

    private static ObjectNode json(String model) throws Exception {
        try (InputStream in = TokenPlan.class.getResourceAsStream(model + ".json")) {
            return (ObjectNode) new ObjectMapper().readTree(in);
        }
    }

    private static PassAccount account(ObjectNode json, int context) throws Exception {
        return TokenPlan.of(ModelConfig.of("a model", json), List.of(context))
                .getFirst()
                .account();
    }

    @Test
    void deepseekReadsItsWeightsOnce() throws Exception {
        PassAccount empty = account(json("deepseek-v3"), 0);
        assertTrue(
                empty.weightBytes() <= 1.03 * DEEPSEEK_BYTES && empty.weightBytes() >= 0.97 * DEEPSEEK_BYTES,
                "weights: " + empty.weightBytes());
    }

    @Test
    void aLayerOfExpertsIsAtMostTwelveDispatches() throws Exception {
        ObjectNode whole = json("deepseek-v3");
        ObjectNode shorter = whole.deepCopy().put("num_hidden_layers", 60);
        for (int context : new int[] {0, 8_192, 131_072}) {
            int layer = account(whole, context).dispatches()
                    - account(shorter, context).dispatches();
            assertTrue(layer >= 1 && layer <= 12, layer + " dispatches at " + context);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek-v3", "qwen3-30b-a3b", "gpt-oss-120b"})
    void nothingWaitsInsideAToken(String model) throws Exception {
        PassAccount account = account(json(model), 8_192);
        assertEquals(0, account.hostWaits());
        assertTrue(
                account.commandBuffers() >= 2 && account.commandBuffers() <= 3, account.commandBuffers() + " buffers");
        // The token is chosen on the GPU.
        assertEquals(2, account.byKernel().get("best"));
    }

    /** Latent and rotary key of every position, once for all heads, as float16; queries, results and joining besides. */
    @Test
    void attentionMovesLittleMoreThanTheLatents() throws Exception {
        int context = 32_768;
        PassAccount at32k = account(json("deepseek-v3"), context);
        double bytes = 61.0 * (512 + 64) * 2 * context;
        assertTrue(at32k.cacheBytes() <= 1.001 * bytes && at32k.cacheBytes() >= bytes, "cache: " + at32k.cacheBytes());
        assertTrue(
                at32k.attentionBytes() <= 1.1 * bytes && at32k.attentionBytes() > at32k.cacheBytes(),
                "attention: " + at32k.attentionBytes() / bytes + " times the latents");
        // The context is split, so the bytes of joining it are among them.
        assertEquals(61, at32k.byKernel().get("join_splits"));
        double operations = 61.0 * 128 * (512 + 64 + 512) * 2 * context;
        assertTrue(
                at32k.attentionOperations() <= 1.1 * operations && at32k.attentionOperations() >= operations,
                "operations: " + at32k.attentionOperations());
    }
}
