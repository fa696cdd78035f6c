package studio.atelier.app.chat;

/**
 * Knows whether Return belongs to an input method. While one composes, and in the moment after it handed its text over,
 * Return ends the composing and sends nothing.
 */
final class CompositionGuard {
    /** Some systems hand the text over first and send the key that did it right after; no hand is that fast. */
    private static final long SAME_KEY_NANOS = 60_000_000;

    private boolean composing;
    private boolean handedOver;
    private long handedOverNanos;

    /** The input method shows this much unfinished text; 0 when it has finished. */
    void composed(int characters, long nowNanos) {
        if (composing && characters == 0) {
            handedOver = true;
            handedOverNanos = nowNanos;
        }
        composing = characters > 0;
    }

    /** Whether a Return that comes now is the input method's. */
    boolean ownsReturn(long nowNanos) {
        return composing || handedOver && nowNanos - handedOverNanos < SAME_KEY_NANOS;
    }
}
