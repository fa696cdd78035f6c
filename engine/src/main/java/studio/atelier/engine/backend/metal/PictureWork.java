package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/** A recorded operation on pictures; see {@link studio.atelier.engine.tensor.PictureOperations} for what each means. */
sealed interface PictureWork extends Node {
    /** Work whose result has the axes of what it works on. */
    sealed interface Alike extends PictureWork {
        Input x();

        @Override
        default Shape shape() {
            return x().shape();
        }
    }

    record Convolve(Input x, Weight filter, Optional<Input> bias, Window window) implements PictureWork {
        @Override
        public List<Input> inputs() {
            return Stream.concat(Stream.of(x), bias.stream()).toList();
        }

        @Override
        public Shape shape() {
            return Shape.of(
                    window.positions(x.shape().axis(0), window.height()),
                    window.positions(x.shape().axis(1), window.width()),
                    filter.rows());
        }
    }

    record GroupNorm(Input x, Input weight, Input bias, int groups, float epsilon, Activation then) implements Alike {
        @Override
        public List<Input> inputs() {
            return List.of(x, weight, bias);
        }
    }

    record LayerNorm(Input x, Optional<Input> weight, Optional<Input> bias, float epsilon) implements Alike {
        @Override
        public List<Input> inputs() {
            return Stream.of(Stream.of(x), weight.stream(), bias.stream())
                    .flatMap(each -> each)
                    .toList();
        }
    }

    record Activate(Input x, Activation activation) implements Alike {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }
    }

    record Doubled(Input x) implements PictureWork {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }

        @Override
        public Shape shape() {
            return Shape.of(2 * x.shape().axis(0), 2 * x.shape().axis(1), x.width());
        }
    }

    /** Query {@code l} sees the keys up to {@code first + l}, as far as there are any. */
    record AttendAll(Input queries, Input keys, Input values, float scale, int first) implements PictureWork {
        @Override
        public List<Input> inputs() {
            return List.of(queries, keys, values);
        }

        @Override
        public Shape shape() {
            return queries.shape();
        }

        int keyCount() {
            return keys.shape().axis(0);
        }
    }

    record Modulate(Input x, Input shift, Input scale) implements Alike {
        @Override
        public List<Input> inputs() {
            return List.of(x, shift, scale);
        }
    }

    record AddGated(Input x, Input gate, Input y) implements Alike {
        @Override
        public List<Input> inputs() {
            return List.of(x, gate, y);
        }
    }

    /** Cosines and sines are {@code [L, D/2]}. */
    record Turn(Input x, Input cosines, Input sines) implements Alike {
        @Override
        public List<Input> inputs() {
            return List.of(x, cosines, sines);
        }
    }

    record Rows(Input x, int from, int to) implements PictureWork {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }

        @Override
        public Shape shape() {
            return withRows(x.shape(), to - from);
        }
    }

    record Stack(List<Input> parts) implements PictureWork {
        public Stack {
            parts = List.copyOf(parts);
        }

        @Override
        public List<Input> inputs() {
            return parts;
        }

        @Override
        public Shape shape() {
            int rows = parts.stream().mapToInt(part -> part.shape().axis(0)).sum();
            return withRows(parts.getFirst().shape(), rows);
        }
    }

    private static Shape withRows(Shape shape, int rows) {
        int[] axes = new int[shape.rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i == 0 ? rows : shape.axis(i);
        }
        return Shape.of(axes);
    }
}
