package studio.atelier.engine;

import studio.atelier.engine.generate.Timeline;

/** Measures one answer. Belongs to the engine thread. */
final class AnswerClock {
    private final Timeline timeline;
    private final long begunNanos = System.nanoTime();
    private int promptTokens;
    private int reusedTokens;
    private int readTokens;
    private int writtenTokens;
    private int draftedTokens;
    private int acceptedTokens;
    private long readNanos = begunNanos;
    private long readingFromNanos = begunNanos;
    private long firstNanos = begunNanos;
    private long lastNanos = begunNanos;

    AnswerClock(Timeline timeline) {
        this.timeline = timeline;
    }

    /** The prompt has this many tokens. */
    void begin(int tokens) {
        promptTokens = tokens;
    }

    int promptTokens() {
        return promptTokens;
    }

    void read(int tokens, int reused) {
        long now = System.nanoTime();
        if (tokens == reused) {
            // Nothing was computed yet: rendering and tokenizing are no part of the reading speed.
            readingFromNanos = now;
        }
        readTokens = tokens;
        reusedTokens = reused;
        readNanos = now;
    }

    void wrote() {
        lastNanos = System.nanoTime();
        if (writtenTokens++ == 0) {
            firstNanos = lastNanos;
        }
    }

    /** Guesses so far. */
    void drafted(int drafted, int accepted) {
        draftedTokens = drafted;
        acceptedTokens = accepted;
    }

    Statistics statistics() {
        return new Statistics(
                promptTokens,
                reusedTokens,
                writtenTokens,
                writtenTokens == 0 ? 0 : (firstNanos - begunNanos) / 1e6,
                perSecond(readTokens - reusedTokens, readNanos - readingFromNanos),
                perSecond(writtenTokens - 1, lastNanos - firstNanos),
                timeline.length(),
                timeline.limitTokens(),
                draftedTokens,
                acceptedTokens);
    }

    private static double perSecond(int tokens, long nanos) {
        return tokens > 0 && nanos > 0 ? tokens * 1e9 / nanos : 0;
    }
}
