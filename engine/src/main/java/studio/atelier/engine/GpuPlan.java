package studio.atelier.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.backend.metal.PassAccount;
import studio.atelier.engine.plan.TokenPlan;
import studio.atelier.engine.weights.ModelConfig;

/** What a token of a model will cost on an Apple GPU, counted from the plan of its dispatches; nothing is computed. */
public final class GpuPlan {
    /** Models whose configurations are built in. */
    public static final List<String> BUILT_IN = List.of("deepseek-v3", "qwen3-30b-a3b", "gpt-oss-120b");

    private static final List<Integer> CONTEXTS = List.of(0, 8_192, 32_768, 131_072);
    private static final double[] SHARES = {0.45, 0.65};

    private GpuPlan() {}

    /**
     * The accounts as a table, and predictions that say what they assume.
     *
     * @param model a built-in name, or a folder with a {@code config.json}
     */
    public static String report(String model) throws EngineException {
        ModelConfig config = BUILT_IN.contains(model) ? builtIn(model) : ofFolder(model);
        int most = config.integer("max_position_embeddings", 1, Integer.MAX_VALUE);
        List<Integer> contexts =
                CONTEXTS.stream().filter(context -> context < most).toList();
        List<TokenPlan> plans = TokenPlan.of(config, contexts);
        StringBuilder text = new StringBuilder();
        text.append("One token of ").append(model).append(", counted from its dispatches; nothing was run.\n");
        text.append("context dispatches buffers waits inside weights GB cache GB other GB attention GB / cache"
                + "    GFLOP attention GFLOP\n");
        for (TokenPlan plan : plans) {
            PassAccount a = plan.account();
            text.append(String.format(
                    Locale.ROOT,
                    "%7d %10d %7d %12d %10.2f %8.2f %8.2f %12.2f %7s %8.0f %15.0f%n",
                    plan.context(),
                    a.dispatches(),
                    a.commandBuffers(),
                    a.hostWaits(),
                    a.weightBytes() / 1e9,
                    a.cacheBytes() / 1e9,
                    a.otherBytes() / 1e9,
                    a.attentionBytes() / 1e9,
                    plan.context() == 0 ? "-" : String.format(Locale.ROOT, "%.2f", a.attentionOverIdeal()),
                    a.operations() / 1e9,
                    a.attentionOperations() / 1e9));
        }
        text.append(
                "Attention is what its dispatches move, joining the parts of a split context included: cache and part of"
                        + " other.\n");
        text.append("Predicted tokens per second at a share of the bandwidth, attention at half the arithmetic:\n");
        for (TokenPlan.Machine machine : TokenPlan.Machine.KNOWN) {
            for (double share : SHARES) {
                text.append(String.format(Locale.ROOT, "%-9s %2.0f %%", machine.name(), 100 * share));
                for (TokenPlan plan : plans) {
                    text.append(
                            String.format(Locale.ROOT, "  %d: %.1f", plan.context(), 1 / plan.seconds(machine, share)));
                }
                text.append('\n');
            }
        }
        String reported = TokenPlan.REPORTED.get(model);
        if (reported != null) {
            text.append("Others report at short contexts: ").append(reported).append(".\n");
        }
        return text.append("No Mac has run this; predictions are arithmetic.\n").toString();
    }

    private static ModelConfig ofFolder(String folder) throws EngineException {
        Path path = Path.of(folder);
        if (!Files.isDirectory(path)) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE,
                    "There is no folder " + folder + "; name one with a config.json, or one of "
                            + String.join(", ", BUILT_IN) + ".");
        }
        return ModelConfig.inFolder(path);
    }

    private static ModelConfig builtIn(String model) {
        try (InputStream in = TokenPlan.class.getResourceAsStream(model + ".json")) {
            if (in == null || !(new ObjectMapper().readTree(in) instanceof ObjectNode json)) {
                throw new IllegalStateException("The configuration of " + model + " is missing from the program.");
            }
            return ModelConfig.of(model, json);
        } catch (IOException e) {
            throw new IllegalStateException(model, e);
        }
    }
}
