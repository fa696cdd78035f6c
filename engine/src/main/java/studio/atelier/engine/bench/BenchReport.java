package studio.atelier.engine.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured, as a table and as JSON.
 *
 * @param model what was measured
 * @param backend what computed
 * @param weightBytes bytes of all weights
 * @param idealBytesPerToken bytes of the weights that one token needs, each once
 * @param readBytesPerSecond the machine's read bandwidth by number of threads
 */
public record BenchReport(
        String model,
        String backend,
        long weightBytes,
        long idealBytesPerToken,
        Map<Integer, Double> readBytesPerSecond,
        List<Measurement> measurements) {
    public BenchReport {
        measurements = List.copyOf(measurements);
        readBytesPerSecond = Map.copyOf(readBytesPerSecond);
    }

    /** For people. */
    public String table() {
        StringBuilder text = new StringBuilder();
        text.append(format("%s, %.2f GB of weights; %s%n", model, weightBytes / 1e9, backend));
        text.append(format(
                "%7s %8s %21s %20s %13s %11s %14s%n",
                "threads",
                "context",
                "prefill tok/s (CPU s)",
                "decode tok/s (CPU s)",
                "weights GB/s",
                "of reading",
                "MB per token"));
        for (Measurement m : measurements) {
            double reading = readBytesPerSecond.getOrDefault(m.threads(), Double.NaN);
            text.append(format(
                    "%7d %8d %12.1f %8.1f %11.2f %8.2f %13.2f %10.0f%% %7.1f (×%.3f)%n",
                    m.threads(),
                    m.contextTokens(),
                    m.prefillTokensPerSecond(),
                    m.prefillTokensPerCpuSecond(),
                    m.decodeTokensPerSecond(),
                    m.decodeTokensPerCpuSecond(),
                    m.weightBytesPerSecond() / 1e9,
                    100 * m.weightBytesPerSecond() / reading,
                    m.weightBytesPerToken() / 1e6,
                    m.weightBytesPerToken() / (double) idealBytesPerToken));
        }
        for (Measurement m : measurements) {
            text.append(format("%d threads, context %d", m.threads(), m.contextTokens()));
            if (!Double.isNaN(m.handOverNanos())) {
                text.append(format("; from one core to another in %.0f ns", m.handOverNanos()));
            }
            text.append(System.lineSeparator());
            text.append("  decode:  ").append(line(m.shares()));
            text.append("  prefill: ").append(line(m.prefillShares()));
        }
        return text.toString();
    }

    private static String line(Map<String, Double> shares) {
        StringBuilder text = new StringBuilder();
        shares.forEach((name, share) -> {
            if (share >= 0.005) {
                text.append(format("%s %.0f%%  ", name, 100 * share));
            }
        });
        return text.append(System.lineSeparator()).toString();
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** For programs; rates per second, sizes in bytes. */
    public String json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("model", model)
                .put("backend", backend)
                .put("weight_bytes", weightBytes)
                .put("ideal_bytes_per_token", idealBytesPerToken);
        ObjectNode reading = root.putObject("read_bytes_per_second");
        readBytesPerSecond.forEach((threads, rate) -> reading.put(String.valueOf(threads), rate));
        var list = root.putArray("measurements");
        for (Measurement m : measurements) {
            ObjectNode line = list.addObject();
            line.put("threads", m.threads())
                    .put("context_tokens", m.contextTokens())
                    .put("prefill_tokens", m.prefillTokens())
                    .put("prefill_tokens_per_second", m.prefillTokensPerSecond())
                    .put("prefill_tokens_per_cpu_second", m.prefillTokensPerCpuSecond())
                    .put("decode_tokens_per_cpu_second", m.decodeTokensPerCpuSecond())
                    .put("decode_tokens", m.decodeTokens())
                    .put("decode_tokens_per_second", m.decodeTokensPerSecond())
                    .put("weight_bytes_per_token", m.weightBytesPerToken())
                    .put("weight_bytes_per_second", m.weightBytesPerSecond());
            if (!Double.isNaN(m.handOverNanos())) {
                line.put("hand_over_nanoseconds", m.handOverNanos());
            }
            ObjectNode decode = line.putObject("decode_time_shares");
            m.shares().forEach(decode::put);
            ObjectNode prefill = line.putObject("prefill_time_shares");
            m.prefillShares().forEach(prefill::put);
        }
        return root.toPrettyString();
    }
}
