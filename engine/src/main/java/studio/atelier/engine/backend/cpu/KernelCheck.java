package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/**
 * Compares two kinds of kernels on random weights before one of them is trusted. The shapes reach every kernel and every
 * tail.
 */
final class KernelCheck {
    /** Of the largest result: the sums of floats run in another order. */
    private static final float TOLERANCE = 1e-4f;

    /** Eight groups, a pair and a last one; the row kernels for 1 to 8 rows of x. */
    private static final int ROW_COLUMNS = 704;

    /** Turned blocks and a row that is left over, and every number of rows of x that a last tile can have. */
    private static final int TILE_WEIGHT_ROWS = 33;

    private static final int TILE_COLUMNS = 192;
    private static final int MOST_TILE_TOKENS = 11;

    private KernelCheck() {}

    /** Whether both compute the same up to rounding. */
    static boolean agree(NibbleKernels some, NibbleKernels others, Random random) {
        for (DType type : new DType[] {DType.BF16, DType.F16, DType.F32}) {
            for (int tokens = 1; tokens <= 8; tokens++) {
                if (!agree(some, others, weight(2, ROW_COLUMNS, type, random), tokens, random)) {
                    return false;
                }
            }
            Weight turned = weight(TILE_WEIGHT_ROWS, TILE_COLUMNS, type, random);
            int first = type == DType.BF16 ? 5 : MOST_TILE_TOKENS;
            for (int tokens = first; tokens <= MOST_TILE_TOKENS; tokens++) {
                if (!agree(some, others, turned, tokens, random)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean agree(NibbleKernels some, NibbleKernels others, Weight weight, int tokens, Random random) {
        Activations x = new Activations();
        x.shape(tokens, weight.columns());
        Activations same = new Activations();
        same.shape(tokens, weight.columns());
        float[] row = new float[weight.columns()];
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) random.nextGaussian();
            }
            some.code(x, t, 0, x.groups(), row, 0, 0);
            others.code(same, t, 0, x.groups(), row, 0, 0);
            if (!x.agrees(same, t)) {
                return false;
            }
        }
        float[] first = new float[tokens * weight.rows()];
        float[] second = new float[tokens * weight.rows()];
        some.multiply(weight, 0, weight.rows(), x, 0, 1, tokens, first, 0, weight.rows(), 0);
        others.multiply(weight, 0, weight.rows(), x, 0, 1, tokens, second, 0, weight.rows(), 0);
        float largest = 0;
        float difference = 0;
        for (int i = 0; i < first.length; i++) {
            largest = Math.max(largest, Math.abs(second[i]));
            difference = Math.max(difference, Math.abs(first[i] - second[i]));
        }
        return difference <= TOLERANCE * largest;
    }

    private static Weight weight(int rows, int columns, DType type, Random random) {
        int groups = columns / Activations.GROUP;
        byte[] codes = new byte[rows * columns / 2];
        random.nextBytes(codes);
        return new Weight(
                "check",
                rows,
                columns,
                new QuantFormat.Affine(4, Activations.GROUP, type),
                new Plane(Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, codes), columns / 2),
                new Plane(numbers(rows * groups, type, random), (long) groups * type.sizeBytes()),
                new Plane(numbers(rows * groups, type, random), (long) groups * type.sizeBytes()),
                0);
    }

    private static MemorySegment numbers(int count, DType type, Random random) {
        MemorySegment segment = Arena.ofAuto().allocate((long) count * type.sizeBytes(), 4);
        for (int i = 0; i < count; i++) {
            float value = (float) random.nextGaussian();
            if (type == DType.F32) {
                segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            } else {
                short bits = type == DType.F16
                        ? Float.floatToFloat16(value)
                        : (short) (Float.floatToRawIntBits(value) >>> 16);
                segment.setAtIndex(ValueLayout.JAVA_SHORT, i, bits);
            }
        }
        return segment;
    }
}
