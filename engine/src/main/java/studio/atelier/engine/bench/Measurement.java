package studio.atelier.engine.bench;

import java.util.Map;

/**
 * One line of a benchmark.
 *
 * @param threads threads that computed
 * @param contextTokens tokens that were in the cache before
 * @param prefillTokens tokens read at once
 * @param prefillTokensPerSecond reading them
 * @param prefillTokensPerCpuSecond by the time that the calling thread had a core: on a busy machine, what counts
 * @param decodeTokens tokens written one by one
 * @param decodeTokensPerSecond writing them, the median of three parts
 * @param decodeTokensPerCpuSecond as for prefill
 * @param weightBytesPerToken bytes of weights that one of them reads, counted
 * @param handOverNanos how long a number took from one core to another just then; NaN where that was not measured
 * @param shares part of the calling thread's time of decoding by kind of operation
 * @param prefillShares the same of prefill
 */
public record Measurement(
        int threads,
        int contextTokens,
        int prefillTokens,
        double prefillTokensPerSecond,
        double prefillTokensPerCpuSecond,
        int decodeTokens,
        double decodeTokensPerSecond,
        double decodeTokensPerCpuSecond,
        long weightBytesPerToken,
        double handOverNanos,
        Map<String, Double> shares,
        Map<String, Double> prefillShares) {
    /** Bytes of weights read while decoding, per second in which the calling thread had a core. */
    public double weightBytesPerSecond() {
        return weightBytesPerToken * decodeTokensPerCpuSecond;
    }
}
