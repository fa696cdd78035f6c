package studio.atelier.engine.chat.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An iterator over what a supplier gives until it gives null. */
final class LazyIterator implements Iterator<Value> {
    private final Supplier<? extends @Nullable Value> source;
    private @Nullable Value ahead;
    private boolean ended;

    LazyIterator(Supplier<? extends @Nullable Value> source) {
        this.source = source;
    }

    @Override
    public boolean hasNext() {
        if (ahead == null && !ended) {
            ahead = source.get();
            ended = ahead == null;
        }
        return ahead != null;
    }

    @Override
    public Value next() {
        Value next = hasNext() ? ahead : null;
        if (next == null) {
            throw new NoSuchElementException();
        }
        ahead = null;
        return next;
    }
}
