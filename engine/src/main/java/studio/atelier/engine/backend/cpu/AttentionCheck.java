package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Float8;

/** Compares the emitted kernels for attention with plain loops on random numbers before they are trusted. */
final class AttentionCheck {
    private static final int KEY = 64;
    private static final int OTHER = 32;
    private static final int VALUE = 128;
    /** Two whole tiles, fours and single keys. */
    private static final int POSITIONS = 150;

    private static final float TOLERANCE = 2e-5f;

    private AttentionCheck() {}

    /** Whether results agree for 1 to 7 queries, the last at the last position. */
    static boolean agrees(EmittedKernels code, Kernels plain, Random random) {
        MemorySegment keys = halves(POSITIONS * KEY, random);
        MemorySegment others = halves(POSITIONS * OTHER, random);
        MemorySegment values = halves(POSITIONS * VALUE, random);
        EmittedAttention.Tile tile = new EmittedAttention.Tile();
        tile.set(keys.address(), 2 * KEY, KEY, others.address(), 2 * OTHER, OTHER, values.address(), 2 * VALUE);
        EmittedAttention room = new EmittedAttention(code);
        float[] q = new float[KEY + OTHER];
        float[] got = new float[VALUE];
        float[][] expected = new float[7][];
        for (int rows = 1; rows <= expected.length; rows++) {
            Attending rule = Attending.within(Integer.MAX_VALUE, q.length);
            int first = POSITIONS - rows;
            room.begin(rows, q.length, VALUE);
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < q.length; i++) {
                    q[i] = (float) random.nextGaussian();
                }
                room.query(row, q, 0, q.length, 0, rule.scale());
                expected[row] = attend(q, keys, others, values, first + row + 1, rule.scale());
            }
            for (int at = 0; at < POSITIONS; at += CpuAttention.TILE) {
                int count = Math.min(CpuAttention.TILE, POSITIONS - at);
                room.add(plain, tile, at, at, count, rule, first, 1);
            }
            for (int row = 0; row < rows; row++) {
                room.result(row, Float.NEGATIVE_INFINITY, got, 0);
                for (int i = 0; i < VALUE; i++) {
                    if (!(Math.abs(got[i] - expected[row][i]) <= TOLERANCE)) {
                        return false;
                    }
                }
            }
        }
        // The addresses are all that the kernels know; these keep what they point to.
        return keys.byteSize() + others.byteSize() + values.byteSize() > 0;
    }

    private static MemorySegment halves(int count, Random random) {
        MemorySegment segment = Arena.ofAuto().allocate(2L * count, 64);
        for (int i = 0; i < count; i++) {
            short half = (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16);
            segment.setAtIndex(ValueLayout.JAVA_SHORT, i, half);
        }
        return segment;
    }

    private static float at(MemorySegment segment, int i) {
        return Float8.fromBfloat16(segment.getAtIndex(ValueLayout.JAVA_SHORT, i));
    }

    private static float[] attend(
            float[] q, MemorySegment keys, MemorySegment others, MemorySegment values, int seen, float scale) {
        double sum = 0;
        double[] mixed = new double[VALUE];
        for (int t = 0; t < seen; t++) {
            double score = 0;
            for (int i = 0; i < KEY; i++) {
                score += q[i] * at(keys, t * KEY + i);
            }
            for (int i = 0; i < OTHER; i++) {
                score += q[KEY + i] * at(others, t * OTHER + i);
            }
            double share = Math.exp(score * scale);
            sum += share;
            for (int i = 0; i < VALUE; i++) {
                mixed[i] += share * at(values, t * VALUE + i);
            }
        }
        float[] result = new float[VALUE];
        for (int i = 0; i < VALUE; i++) {
            result[i] = (float) (mixed[i] / sum);
        }
        return result;
    }

    /** Whether tiles of an 8-bit cache become the same bfloat16 numbers as by the Vector API. */
    static boolean widens(EmittedKernels code, Random random) {
        int rows = 3;
        int width = 4 * EightBitBuffer.GROUP;
        int column = EightBitBuffer.GROUP;
        int count = width - column;
        float[] x = new float[rows * width];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        EightBitBuffer cache = EightBitBuffer.of(rows, width);
        cache.write(x, rows, 0);
        MemorySegment got = Arena.ofAuto().allocate(2L * rows * count, 64);
        MemorySegment expected = Arena.ofAuto().allocate(2L * rows * count, 64);
        new WidenedTile(code).read(cache, 0, rows, column, count, got);
        for (int row = 0; row < rows; row++) {
            cache.readHalves(row, column, count, expected, 2L * row * count);
        }
        return got.mismatch(expected) < 0;
    }
}
