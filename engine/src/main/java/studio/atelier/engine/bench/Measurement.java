package studio.atelier.engine.bench;

import java.util.Map;

/**
 * One line of a benchmark.
 *
 * @param threads threads that computed
 * @param contextTokens tokens that were in the cache before
 * @param prefillTokens tokens read at once
 * @param prefillTokensPerSecond reading them
 * @param decodeTokens tokens written one by one
 * @param decodeTokensPerSecond writing them, the median of three parts
 * @param weightBytesPerToken bytes of weights that one of them reads, counted
 * @param shares part of the time of decoding by kind of operation
 * @param prefillShares the same of prefill
 */
public record Measurement(
        int threads,
        int contextTokens,
        int prefillTokens,
        double prefillTokensPerSecond,
        int decodeTokens,
        double decodeTokensPerSecond,
        long weightBytesPerToken,
        Map<String, Double> shares,
        Map<String, Double> prefillShares) {
    /** Bytes of weights read per second while decoding. */
    public double weightBytesPerSecond() {
        return weightBytesPerToken * decodeTokensPerSecond;
    }
}
