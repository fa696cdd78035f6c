package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** A recorded operation; see {@link studio.atelier.engine.tensor.Backend} for what each means. */
sealed interface Node
        permits Node.Gather,
                Node.Multiply,
                Node.MultiplyEach,
                Node.Norm,
                Node.Add,
                Node.Gate,
                Node.Columns,
                Node.Concatenate,
                Node.LastRows,
                Node.Rotate,
                Node.Store,
                Node.Attend,
                Node.Route,
                Node.Best,
                Node.Shares,
                Node.Mix,
                PictureWork {
    /** What it reads. */
    List<Input> inputs();

    /** The axes of its result. */
    Shape shape();

    record Gather(Weight table, int[] rows) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of();
        }

        @Override
        public Shape shape() {
            return Shape.of(rows.length, table.columns());
        }
    }

    record Multiply(Weight weight, Input x, Optional<Input> bias) implements Node {
        @Override
        public List<Input> inputs() {
            return Stream.concat(Stream.of(x), bias.stream()).toList();
        }

        @Override
        public Shape shape() {
            return x.shape().withWidth(weight.rows());
        }
    }

    record MultiplyEach(WeightStack weights, Input x, boolean transposed) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }

        @Override
        public Shape shape() {
            return x.shape().withWidth(transposed ? weights.columns() : weights.rows());
        }
    }

    record Norm(Input x, Input weight, float epsilon) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(x, weight);
        }

        @Override
        public Shape shape() {
            return x.shape();
        }
    }

    record Add(Input a, Input b) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(a, b);
        }

        @Override
        public Shape shape() {
            return a.shape();
        }
    }

    record Gate(Gating gating, Input gate, Input up) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(gate, up);
        }

        @Override
        public Shape shape() {
            return gate.shape();
        }
    }

    record Columns(Input x, int from, int to) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }

        @Override
        public Shape shape() {
            return x.shape().withWidth(to - from);
        }
    }

    record Concatenate(Input left, Input right) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(left, right);
        }

        @Override
        public Shape shape() {
            return left.shape().withWidth(left.width() + right.width());
        }
    }

    record LastRows(Input x, int count) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }

        @Override
        public Shape shape() {
            return Shape.of(count, x.shape().size() / x.shape().axis(0));
        }
    }

    record Rotate(Input x, Rope rope, int firstPosition) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }

        @Override
        public Shape shape() {
            return x.shape();
        }
    }

    /** Has no result of its own. */
    record Store(Input x, Input target, int firstRow) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(x);
        }

        @Override
        public Shape shape() {
            return Shape.of(0);
        }
    }

    /** Grouped attention, or latent attention when there are {@code rope} parts: then the values are the keys. */
    record Attend(
            Input queries,
            Optional<Input> ropeQueries,
            Input keys,
            Optional<Input> ropeKeys,
            Input values,
            Optional<Input> sinks,
            Attending rule,
            int firstPosition)
            implements Node {
        @Override
        public List<Input> inputs() {
            return Stream.of(Stream.of(queries, keys, values), ropeQueries.stream(), ropeKeys.stream(), sinks.stream())
                    .flatMap(each -> each)
                    .toList();
        }

        @Override
        public Shape shape() {
            return queries.shape();
        }

        int keyHeads() {
            return ropeKeys.isPresent() ? 1 : keys.shape().axis(1);
        }
    }

    /** Its result is the experts' numbers, as 32-bit integers; the shares are a second value. */
    record Route(Input logits, Optional<Input> bias, RouterRule rule) implements Node {
        @Override
        public List<Input> inputs() {
            return Stream.concat(Stream.of(logits), bias.stream()).toList();
        }

        @Override
        public Shape shape() {
            return Shape.of(logits.rows(), rule.chosen());
        }
    }

    /** A row's largest numbers above the columns they come from. */
    record Best(Input row, int count) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(row);
        }

        @Override
        public Shape shape() {
            return Shape.of(2, count);
        }
    }

    /** The shares that belong to a route. */
    record Shares(Input experts) implements Node {
        @Override
        public List<Input> inputs() {
            return List.of(experts);
        }

        @Override
        public Shape shape() {
            return experts.shape();
        }
    }

    record Mix(Input x, Input chosen, Input shares, ExpertWeights experts) implements Node {
        @Override
        public List<Input> inputs() {
            Stream<Input> own = Stream.of(x, chosen, shares);
            return own.toList();
        }

        @Override
        public Shape shape() {
            return x.shape();
        }
    }
}
