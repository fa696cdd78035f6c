package studio.atelier.models.convert;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;

/** The rows of a tensor to be written, read from where they lie and decoded a few at a time. Any thread may read. */
sealed interface Rows {
    /** All axes but the last, as the tensor will have them; their product is the number of rows. */
    List<Long> leading();

    int columns();

    /** Rows that are read together at least. */
    int together();

    /** Decodes rows {@code [first, first + count)}, where both are multiples of {@link #together()}. */
    void read(long first, int count, float[] into);

    /** How many rows there are. */
    default long count() {
        return leading().stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    /** One matrix, or several of one shape laid on top of each other. */
    record Stacked(List<Weight> matrices, List<Long> leading) implements Rows {
        static Stacked one(Weight matrix) {
            return new Stacked(List.of(matrix), List.of((long) matrix.rows()));
        }

        static Stacked of(List<Weight> matrices) {
            return new Stacked(matrices, List.of((long) matrices.size(), (long)
                    matrices.getFirst().rows()));
        }

        @Override
        public int columns() {
            return matrices.getFirst().columns();
        }

        @Override
        public int together() {
            return 1;
        }

        @Override
        public void read(long first, int count, float[] into) {
            int rows = matrices.getFirst().rows();
            for (int i = 0; i < count; i++) {
                Weight matrix = matrices.get((int) ((first + i) / rows));
                RowDecoder.decode(matrix, (int) ((first + i) % rows), into, i * columns());
            }
        }
    }

    /** Matrices of one shape, each turned. */
    record Turned(List<Weight> matrices) implements Rows {
        @Override
        public List<Long> leading() {
            return List.of((long) matrices.size(), (long) matrices.getFirst().columns());
        }

        @Override
        public int columns() {
            return matrices.getFirst().rows();
        }

        @Override
        public int together() {
            return matrices.getFirst().columns();
        }

        @Override
        public void read(long first, int count, float[] into) {
            int rows = together();
            float[] row = new float[rows];
            for (int at = 0; at < count; at += rows) {
                Weight matrix = matrices.get((int) ((first + at) / rows));
                for (int c = 0; c < columns(); c++) {
                    RowDecoder.decode(matrix, c, row, 0);
                    for (int r = 0; r < rows; r++) {
                        into[(at + r) * columns() + c] = row[r];
                    }
                }
            }
        }
    }

    /** {@code count} matrices of {@code rows} rows cut out of one, from {@code first} on, every {@code stride} rows. */
    static List<Weight> cut(Weight whole, int count, int first, int stride, int rows) {
        List<Weight> pieces = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            pieces.add(whole.slice(first + i * stride, rows));
        }
        return pieces;
    }
}
