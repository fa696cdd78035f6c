package studio.atelier.engine.backend.cpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/**
 * Arrays and tensors that passes use again and again: a decode step asks for the same shapes as the one before, so after
 * the first nothing is allocated. Belongs to the engine thread.
 *
 * <p>Tensors of a few rows are kept whole; of those of a prompt, whose shapes seldom come again, only the arrays are. A
 * prompt's arrays are large: each part of a pass takes those of the part before, which are still in a cache.
 */
final class PassMemory implements Pass {
    /** Past this many floats what a pass did not use is dropped: a long prompt's arrays are not kept for ever. */
    private static final long KEPT_FLOATS = 16L << 20;

    private final Stock<float[]> arrays = new Stock<>();
    private final Stock<Tensor> tensors = new Stock<>();
    private boolean open;

    void begin() {
        if (open) {
            throw new IllegalStateException("a pass is already open");
        }
        open = true;
    }

    /** A tensor whose elements are not cleared. */
    Tensor allocate(Shape shape) {
        return switch (shape.rank()) {
            case 2 -> allocate(shape.axis(0), shape.axis(1));
            case 3 -> allocate(shape.axis(0), shape.axis(1), shape.axis(2));
            default -> once(shape);
        };
    }

    /** One with as many rows and another width. */
    Tensor allocate(Shape like, int width) {
        return switch (like.rank()) {
            case 2 -> allocate(like.axis(0), width);
            case 3 -> allocate(like.axis(0), like.axis(1), width);
            default -> once(like.withWidth(width));
        };
    }

    /** {@code [rows, width]}. */
    Tensor allocate(int rows, int width) {
        if (rows > NibbleProducts.FEW_POSITIONS) {
            return once(Shape.of(rows, width));
        }
        requireOpen();
        Kind<Tensor> kind = tensors.kind(rows, width, -1);
        Tensor kept = kind.next();
        return kept == null ? kind.add(lasting(Shape.of(rows, width)), rows * width) : kept;
    }

    /** {@code [rows, middle, width]}. */
    Tensor allocate(int rows, int middle, int width) {
        if (rows > NibbleProducts.FEW_POSITIONS) {
            return once(Shape.of(rows, middle, width));
        }
        requireOpen();
        Kind<Tensor> kind = tensors.kind(rows, middle, width);
        Tensor kept = kind.next();
        return kept == null ? kind.add(lasting(Shape.of(rows, middle, width)), rows * middle * width) : kept;
    }

    private static Tensor lasting(Shape shape) {
        return new Tensor(shape, new HeapBuffer(new float[shape.size()]));
    }

    private Tensor once(Shape shape) {
        requireOpen();
        return new Tensor(shape, new HeapBuffer(take(shape.size())));
    }

    /** An array of at least this many floats, given back with the pass. */
    float[] take(int count) {
        int capacity = capacityFor(count);
        Kind<float[]> kind = arrays.kind(capacity, 0, 0);
        float[] kept = kind.next();
        return kept == null ? kind.add(new float[capacity], capacity) : kept;
    }

    /** Sizes in steps of an eighth, so that prompts of nearly the same length share arrays. */
    private static int capacityFor(int count) {
        if (count <= 64) {
            return 64;
        }
        int step = Math.max(8, Integer.highestOneBit(count - 1) >> 3);
        return Math.ceilDiv(count, step) * step;
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("no pass is open");
        }
    }

    /** From here on arrays are of a part of the pass. */
    void beginPart() {
        arrays.mark();
    }

    /** Gives back what was taken since the part began, but for the array of its result. */
    void endPart(Tensor result) {
        float[] kept = HeapBuffer.of(result);
        arrays.giveBackBut(kept, arrays.kind(kept.length, 0, 0));
    }

    @Override
    public void close() {
        open = false;
        boolean tooMuch = arrays.unusedFloats() + tensors.unusedFloats() > KEPT_FLOATS;
        arrays.giveBack(tooMuch);
        tensors.giveBack(tooMuch);
    }

    /** Things of all kinds, found by three numbers without an object for them. */
    private static final class Stock<T> {
        private static final int PLACE_BITS = 6;

        private final List<@Nullable Kind<T>> places = new ArrayList<>(Collections.nCopies(1 << PLACE_BITS, null));

        private Kind<T> kind(int first, int second, int third) {
            int place = ((first * 31 + second) * 31 + third) * 0x9E3779B9 >>> Integer.SIZE - PLACE_BITS;
            Kind<T> head = places.get(place);
            for (Kind<T> kind = head; kind != null; kind = kind.other) {
                if (kind.first == first && kind.second == second && kind.third == third) {
                    return kind;
                }
            }
            Kind<T> added = new Kind<>(first, second, third, head);
            places.set(place, added);
            return added;
        }

        private long unusedFloats() {
            long sum = 0;
            for (int place = 0; place < places.size(); place++) {
                for (Kind<T> kind = places.get(place); kind != null; kind = kind.other) {
                    sum += (long) (kind.all.size() - kind.most) * kind.floatsEach;
                }
            }
            return sum;
        }

        private void giveBack(boolean dropUnused) {
            for (int place = 0; place < places.size(); place++) {
                for (Kind<T> kind = places.get(place); kind != null; kind = kind.other) {
                    if (dropUnused) {
                        kind.all.subList(kind.most, kind.all.size()).clear();
                    }
                    kind.used = 0;
                    kind.marked = 0;
                    kind.most = 0;
                }
            }
        }

        private void mark() {
            for (int place = 0; place < places.size(); place++) {
                for (Kind<T> kind = places.get(place); kind != null; kind = kind.other) {
                    kind.marked = kind.used;
                }
            }
        }

        /** Gives back what was taken since it was marked, but for one thing, which may be of this kind or not be here. */
        private void giveBackBut(T kept, Kind<T> itsKind) {
            for (int place = 0; place < places.size(); place++) {
                for (Kind<T> kind = places.get(place); kind != null; kind = kind.other) {
                    int end = kind.used;
                    kind.used = kind.marked;
                    for (int i = kind.marked; i < end && kind == itsKind; i++) {
                        if (kind.all.get(i) == kept) {
                            Collections.swap(kind.all, kind.marked, i);
                            kind.used = kind.marked + 1;
                        }
                    }
                }
            }
        }
    }

    /** Things that are alike; the first {@link #used} of them belong to the open pass. */
    private static final class Kind<T> {
        private final int first;
        private final int second;
        private final int third;
        private final @Nullable Kind<T> other;
        private final List<T> all = new ArrayList<>();
        private int used;
        /** As many were used when the part began. */
        private int marked;
        /** So many were used at the same time in this pass. */
        private int most;

        private int floatsEach;

        private Kind(int first, int second, int third, @Nullable Kind<T> other) {
            this.first = first;
            this.second = second;
            this.third = third;
            this.other = other;
        }

        /** One that is free; null when there is none. */
        private @Nullable T next() {
            if (used == all.size()) {
                return null;
            }
            most = Math.max(most, used + 1);
            return all.get(used++);
        }

        /** Keeps a new one, which the open pass uses. */
        private T add(T added, int floats) {
            floatsEach = floats;
            all.add(added);
            used++;
            most = Math.max(most, used);
            return added;
        }
    }
}
