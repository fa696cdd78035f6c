package studio.atelier.engine.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A matrix of a model as it lies in its file, memory-mapped and untouched: {@code [rows, columns]}, applied as
 * {@code y = x Wᵀ}.
 *
 * @param name what messages call it
 * @param rows outputs
 * @param columns inputs
 * @param format how values and scales are read
 * @param values the packed values
 * @param scales one factor per group or tile; {@link Plane#NONE} for dense formats
 * @param biases one addend per group; {@link Plane#NONE} for all but affine
 * @param firstRow which row of the file's matrix row 0 is: tiles are counted from there
 */
public record Weight(
        String name,
        int rows,
        int columns,
        QuantFormat format,
        Plane values,
        Plane scales,
        Plane biases,
        int firstRow) {

    /**
     * Rows of bytes.
     *
     * @param bytes begins with row 0
     * @param rowBytes from one row to the next
     */
    public record Plane(MemorySegment bytes, long rowBytes) {
        public static final Plane NONE = new Plane(MemorySegment.NULL, 0);

        /** Rows from {@code first} on, taking every {@code step}-th. */
        public Plane slice(long first, int step) {
            return this.equals(NONE) ? NONE : new Plane(bytes.asSlice(first * rowBytes), step * rowBytes);
        }
    }

    /** A matrix of plain numbers. */
    public static Weight dense(String name, int rows, int columns, DType type, MemorySegment bytes) {
        Plane values = new Plane(bytes, (long) columns * type.sizeBytes());
        return new Weight(name, rows, columns, new QuantFormat.Dense(type), values, Plane.NONE, Plane.NONE, 0);
    }

    /** {@code count} rows from {@code first} on. */
    public Weight slice(int first, int count) {
        return slice(first, count, 1);
    }

    /** {@code count} rows from {@code first} on, every {@code step}-th. */
    public Weight slice(int first, int count, int step) {
        if (first < 0 || count < 1 || step < 1 || first + (long) (count - 1) * step >= rows) {
            throw new IllegalArgumentException(
                    name + ": expected rows within 0.." + rows + ", got " + count + " from " + first + " by " + step);
        }
        boolean tiled = format instanceof QuantFormat.Fp8Tiles;
        if (tiled && step != 1) {
            throw new IllegalArgumentException(name + ": rows of FP8 tiles can't be taken by steps, got " + step);
        }
        Plane cutScales = tiled ? scales : scales.slice(first, step);
        return new Weight(
                name,
                count,
                columns,
                format,
                values.slice(first, step),
                cutScales,
                biases.slice(first, step),
                firstRow + first);
    }
}
