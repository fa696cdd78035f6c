package studio.atelier.engine.backend.metal;

import java.lang.ref.WeakReference;
import java.util.List;
import studio.atelier.engine.backend.ffi.CommandBuffer;

/**
 * The pass of one token of a text, ready to be handed over for the tokens behind it: its dispatches are the same for
 * every token until the cache grows.
 */
final class KeptPass {
    private final WeakReference<Object> text;
    private final Placed placed;
    private final Value result;
    private final int rows;
    /** Encoded while the token before is computed. */
    private List<CommandBuffer> ahead = List.of();

    /**
     * @param text whose pass it is; the pass does not keep it alive
     * @param result what is read after the pass
     * @param rows positions that the caches have room for
     */
    KeptPass(Object text, Placed placed, Value result, int rows) {
        this.text = new WeakReference<>(text);
        this.placed = placed;
        this.result = result;
        this.rows = rows;
    }

    boolean isOf(Object asked) {
        return text.refersTo(asked);
    }

    boolean isForgotten() {
        return text.refersTo(null);
    }

    boolean fits(int position, int resultSize) {
        return position < rows && result.size == resultSize;
    }

    Placed placed() {
        return placed;
    }

    Value result() {
        return result;
    }

    /** Commands that are encoded and wait for their token; whoever takes them hands them over or closes them. */
    List<CommandBuffer> takeAhead() {
        List<CommandBuffer> taken = ahead;
        ahead = List.of();
        return taken;
    }

    void prepare(List<CommandBuffer> encoded) {
        ahead = encoded;
    }
}
