package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;

/**
 * Which dispatches of an encoder must wait for earlier ones: those that read what was written since the last barrier, or
 * write what was read or written. Weights are never written and not looked at.
 */
final class Hazards {
    private record Touched(Object buffer, long from, long to, boolean written) {}

    private final List<Touched> sinceBarrier = new ArrayList<>();
    private final List<Touched> now = new ArrayList<>();

    /** A dispatch touches these bytes. */
    void touch(Object buffer, long from, long to, boolean written) {
        now.add(new Touched(buffer, from, to, written));
    }

    /** Whether a barrier must stand before the dispatch whose touches were told; it counts as encoded then. */
    boolean needBarrier() {
        boolean conflict = now.stream().anyMatch(this::conflicts);
        if (conflict) {
            sinceBarrier.clear();
        }
        sinceBarrier.addAll(now);
        now.clear();
        return conflict;
    }

    private boolean conflicts(Touched touch) {
        for (Touched earlier : sinceBarrier) {
            if ((touch.written() || earlier.written())
                    && touch.buffer() == earlier.buffer()
                    && touch.from() < earlier.to()
                    && earlier.from() < touch.to()) {
                return true;
            }
        }
        return false;
    }
}
