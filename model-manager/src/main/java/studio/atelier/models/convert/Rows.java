package studio.atelier.models.convert;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;

/** The rows of a tensor to be written, read from where they lie a few at a time. Any thread may read. */
sealed interface Rows {
    /** Where they come from; each is named as the tensor that holds its numbers. */
    List<Weight> matrices();

    /** The same of some of the matrices alone. */
    Rows of(List<Weight> some);

    /** All axes but the last, as the tensor will have them; their product is the number of rows. */
    List<Long> leading();

    /** Numbers in a row, packed or not. */
    int columns();

    /** Rows that are read together at least. */
    int together();

    /** How many rows there are. */
    default long count() {
        return leading().stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    /** Rows that are wanted as numbers. */
    sealed interface Numbers extends Rows {
        /** Decodes rows {@code [first, first + count)}, where both are multiples of {@link #together()}; in the caller's room. */
        void read(long first, int count, float[] into, Quantizer.Room room);
    }

    /** One matrix, or several of one shape laid on top of each other. */
    record Stacked(List<Weight> matrices, List<Long> leading) implements Numbers {
        static Stacked one(Weight matrix) {
            return new Stacked(List.of(matrix), List.of((long) matrix.rows()));
        }

        static Stacked all(List<Weight> matrices) {
            return new Stacked(matrices, axes(matrices));
        }

        @Override
        public Rows of(List<Weight> some) {
            return all(some);
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
        public void read(long first, int count, float[] into, Quantizer.Room room) {
            int rows = matrices.getFirst().rows();
            for (int i = 0; i < count; i++) {
                Weight matrix = matrices.get((int) ((first + i) / rows));
                Quantizer.read(matrix, (int) ((first + i) % rows), into, i * columns(), room);
            }
        }
    }

    /** Matrices of one shape, each turned. */
    record Turned(List<Weight> matrices) implements Numbers {
        @Override
        public Rows of(List<Weight> some) {
            return new Turned(some);
        }

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
        public void read(long first, int count, float[] into, Quantizer.Room room) {
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

    /** Every second number of each row of a matrix, from {@code start} on. */
    record EverySecond(Weight matrix, int start) implements Numbers {
        @Override
        public List<Weight> matrices() {
            return List.of(matrix);
        }

        @Override
        public Rows of(List<Weight> some) {
            return new EverySecond(some.getFirst(), start);
        }

        @Override
        public List<Long> leading() {
            return List.of((long) matrix.rows());
        }

        @Override
        public int columns() {
            return matrix.columns() / 2;
        }

        @Override
        public int together() {
            return 1;
        }

        @Override
        public void read(long first, int count, float[] into, Quantizer.Room room) {
            float[] row = new float[matrix.columns()];
            for (int i = 0; i < count; i++) {
                RowDecoder.decode(matrix, (int) first + i, row, 0);
                for (int c = 0; c < columns(); c++) {
                    into[i * columns() + c] = row[2 * c + start];
                }
            }
        }
    }

    /** Matrices of one shape that were published packed and stay so, laid on top of each other. */
    record Kept(List<Weight> matrices) implements Rows {
        @Override
        public Rows of(List<Weight> some) {
            return new Kept(some);
        }

        @Override
        public List<Long> leading() {
            return axes(matrices);
        }

        @Override
        public int columns() {
            return matrices.getFirst().columns();
        }

        @Override
        public int together() {
            return 1;
        }
    }

    private static List<Long> axes(List<Weight> matrices) {
        return List.of((long) matrices.size(), (long) matrices.getFirst().rows());
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
