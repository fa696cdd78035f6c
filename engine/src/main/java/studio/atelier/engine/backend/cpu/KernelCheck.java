package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/**
 * Compares kernels with the Vector API's float kernels on random weights before they are trusted. Rows of x are such
 * that 8 bits hold them exactly, so that both must give the same up to rounding. The shapes reach every kernel and every
 * tail.
 */
final class KernelCheck {
    /** Of the largest result: the sums of floats run in another order. */
    private static final float TOLERANCE = 1e-4f;

    /**
     * 107 groups of 64 or 214 of 32: sixteen or eight at a time, then pairs and a last one; for 1 to 8 rows of x, several of
     * which go by stretches.
     */
    private static final int ROW_COLUMNS = 6848;

    private static final int ROWS = 2;

    /** Turned blocks and a row that is left over, and every number of rows of x that a last tile can have. */
    private static final int TILE_WEIGHT_ROWS = 33;

    /** 11 groups of 64 or 22 of 32: their scales are turned eight at a time, then one by one. */
    private static final int TILE_COLUMNS = 704;

    private static final int LEAST_TILE_TOKENS = 5;
    private static final int MOST_TILE_TOKENS = 11;

    private KernelCheck() {}

    /** Whether the kernels for a form compute what the Vector API does, up to rounding. */
    static boolean agrees(NibbleKernels kernels, CodeForm form, DType scales, Random random) {
        if (!codes(kernels, form, random)) {
            return false;
        }
        Weight weight = weight(form, ROWS, ROW_COLUMNS, scales, random);
        for (int tokens = 1; tokens <= 8; tokens++) {
            if (!agrees(kernels, form, weight, tokens, true, random)) {
                return false;
            }
        }
        Weight turned = weight(form, TILE_WEIGHT_ROWS, TILE_COLUMNS, scales, random);
        for (int tokens = LEAST_TILE_TOKENS; tokens <= MOST_TILE_TOKENS; tokens++) {
            if (!agrees(kernels, form, turned, tokens, false, random)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a row is coded as plain loops do it. */
    private static boolean codes(NibbleKernels kernels, CodeForm form, Random random) {
        Activations x = new Activations();
        Activations same = new Activations();
        x.shape(1, ROW_COLUMNS, form);
        same.shape(1, ROW_COLUMNS, form);
        float[] row = new float[ROW_COLUMNS];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) random.nextGaussian();
        }
        kernels.code(x, 0, 0, x.blocks(), row, 0, 0);
        same.quantize(0, row, 0);
        return x.agrees(same, 0);
    }

    private static boolean agrees(
            NibbleKernels kernels, CodeForm form, Weight weight, int tokens, boolean few, Random random) {
        int columns = weight.columns();
        Activations x = new Activations();
        x.shape(tokens, columns, form);
        x.ofFewPositions(few);
        float[] floats = new float[tokens * columns];
        for (int i = 0; i < floats.length; i++) {
            // Whole numbers of which one in each group is the largest that there is.
            floats[i] = i % form.groupSize() == 0 ? 127 : random.nextInt(255) - 127;
        }
        for (int t = 0; t < tokens; t++) {
            kernels.code(x, t, 0, x.blocks(), floats, t * columns, 0);
        }
        int rows = weight.rows();
        float[] got = new float[tokens * rows];
        float[] expected = new float[tokens * rows];
        kernels.multiply(weight, 0, rows, x, 0, 1, tokens, got, 0, rows, 0);
        Kernels vectors = new VectorKernels();
        float[] scratch = new float[vectors.scratchFloats(columns, tokens)];
        vectors.multiply(weight, 0, rows, floats, 0, columns, tokens, expected, 0, rows, scratch);
        float largest = 0;
        float difference = 0;
        for (int i = 0; i < got.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(got[i] - expected[i]));
        }
        return difference <= TOLERANCE * largest;
    }

    private static Weight weight(CodeForm form, int rows, int columns, DType scales, Random random) {
        int groups = columns / form.groupSize();
        int rowBytes = columns * form.bits() / 8;
        byte[] codes = new byte[rows * rowBytes];
        random.nextBytes(codes);
        Plane values = new Plane(Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, codes), rowBytes);
        Plane numbers = numbers(rows, groups, scales, random);
        return form.isBiased()
                ? new Weight(
                        "check",
                        rows,
                        columns,
                        new QuantFormat.Affine(form.bits(), form.groupSize(), scales),
                        values,
                        numbers,
                        numbers(rows, groups, scales, random),
                        0)
                : new Weight("check", rows, columns, new QuantFormat.Mxfp4(), values, numbers, Plane.NONE, 0);
    }

    private static Plane numbers(int rows, int groups, DType type, Random random) {
        MemorySegment segment = Arena.ofAuto().allocate((long) rows * groups * type.sizeBytes(), 4);
        for (int i = 0; i < rows * groups; i++) {
            float value = (float) random.nextGaussian();
            if (type == DType.F32) {
                segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            } else if (type == DType.F8_E8M0) {
                segment.set(ValueLayout.JAVA_BYTE, i, (byte) (124 + random.nextInt(8)));
            } else {
                short bits = type == DType.F16
                        ? Float.floatToFloat16(value)
                        : (short) (Float.floatToRawIntBits(value) >>> 16);
                segment.setAtIndex(ValueLayout.JAVA_SHORT, i, bits);
            }
        }
        return new Plane(segment, (long) groups * type.sizeBytes());
    }
}
