package studio.atelier.engine.tensor;

import java.util.List;

/**
 * Matrices of equal shape, one per expert or head; they may lie in different files.
 *
 * @param each {@code [rows, columns]} each
 */
public record WeightStack(List<Weight> each) {
    public WeightStack {
        each = List.copyOf(each);
        if (each.isEmpty()) {
            throw new IllegalArgumentException("stack: expected at least one matrix, got none");
        }
        for (Weight weight : each) {
            if (weight.rows() != each.getFirst().rows()
                    || weight.columns() != each.getFirst().columns()) {
                throw new IllegalArgumentException(weight.name() + ": expected the shape of "
                        + each.getFirst().name() + ", got " + weight.rows() + " × " + weight.columns());
            }
        }
    }

    public int size() {
        return each.size();
    }

    /** Outputs of each. */
    public int rows() {
        return each.getFirst().rows();
    }

    /** Inputs of each. */
    public int columns() {
        return each.getFirst().columns();
    }

    public Weight get(int index) {
        return each.get(index);
    }
}
