package studio.atelier.engine.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The two products of attention with vector instructions, in blocks that stay in registers. Every loop is one method
 * without calls: what the compiler does not inline here, it boxes.
 */
final class VectorAttention {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int ROWS = 4;

    private VectorAttention() {}

    /** As {@link Kernels#scores}. */
    static void scores(
            Kernels one,
            float[] q,
            int qAt,
            int rows,
            float[] k,
            int kStride,
            int count,
            int size,
            float[] s,
            int sAt,
            int sStride) {
        int whole = size % FLOATS.length() == 0 ? rows / ROWS * ROWS : 0;
        int pairs = count / 2 * 2;
        for (int i = 0; i < whole; i += ROWS) {
            for (int t = 0; t < pairs; t += 2) {
                block(q, qAt + i * size, k, t * kStride, kStride, size, s, sAt + i * sStride + t, sStride);
            }
            for (int t = pairs; t < count; t++) {
                for (int r = i; r < i + ROWS; r++) {
                    s[sAt + r * sStride + t] = one.dot(q, qAt + r * size, k, t * kStride, size);
                }
            }
        }
        for (int r = whole; r < rows; r++) {
            for (int t = 0; t < count; t++) {
                s[sAt + r * sStride + t] = one.dot(q, qAt + r * size, k, t * kStride, size);
            }
        }
    }

    /** Four rows of q times two of k. */
    private static void block(
            float[] q, int qAt, float[] k, int kAt, int kStride, int size, float[] s, int sAt, int sStride) {
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s20 = s00;
        FloatVector s21 = s00;
        FloatVector s30 = s00;
        FloatVector s31 = s00;
        for (int d = 0; d < size; d += FLOATS.length()) {
            FloatVector k0 = FloatVector.fromArray(FLOATS, k, kAt + d);
            FloatVector k1 = FloatVector.fromArray(FLOATS, k, kAt + kStride + d);
            FloatVector q0 = FloatVector.fromArray(FLOATS, q, qAt + d);
            s00 = q0.fma(k0, s00);
            s01 = q0.fma(k1, s01);
            FloatVector q1 = FloatVector.fromArray(FLOATS, q, qAt + size + d);
            s10 = q1.fma(k0, s10);
            s11 = q1.fma(k1, s11);
            FloatVector q2 = FloatVector.fromArray(FLOATS, q, qAt + 2 * size + d);
            s20 = q2.fma(k0, s20);
            s21 = q2.fma(k1, s21);
            FloatVector q3 = FloatVector.fromArray(FLOATS, q, qAt + 3 * size + d);
            s30 = q3.fma(k0, s30);
            s31 = q3.fma(k1, s31);
        }
        s[sAt] = LaneSum.of(s00);
        s[sAt + 1] = LaneSum.of(s01);
        s[sAt + sStride] = LaneSum.of(s10);
        s[sAt + sStride + 1] = LaneSum.of(s11);
        s[sAt + 2 * sStride] = LaneSum.of(s20);
        s[sAt + 2 * sStride + 1] = LaneSum.of(s21);
        s[sAt + 3 * sStride] = LaneSum.of(s30);
        s[sAt + 3 * sStride + 1] = LaneSum.of(s31);
    }

    /** As {@link Kernels#mix}. */
    static void mix(
            Kernels one,
            float[] p,
            int pAt,
            int pStride,
            int rows,
            float[] v,
            int vAt,
            int vStride,
            int count,
            int size,
            float[] y,
            int yAt) {
        int whole = size % (2 * FLOATS.length()) == 0 ? rows / ROWS * ROWS : 0;
        for (int i = 0; i < whole; i += ROWS) {
            for (int d = 0; d < size; d += 2 * FLOATS.length()) {
                block(p, pAt + i * pStride, pStride, v, vAt + d, vStride, count, y, yAt + i * size + d, size);
            }
        }
        int vectors = size / (ROWS * FLOATS.length()) * ROWS * FLOATS.length();
        for (int r = whole; r < rows; r++) {
            for (int d = 0; d < vectors; d += ROWS * FLOATS.length()) {
                row(p, pAt + r * pStride, v, vAt + d, vStride, count, y, yAt + r * size + d);
            }
            for (int t = 0; t < count && vectors < size; t++) {
                float factor = p[pAt + r * pStride + t];
                one.addScaled(factor, v, vAt + t * vStride + vectors, y, yAt + r * size + vectors, size - vectors);
            }
        }
    }

    /** One row of p, four vectors of each row of v; the same sums as of four rows. */
    private static void row(float[] p, int pAt, float[] v, int vAt, int vStride, int count, float[] y, int yAt) {
        int lanes = FLOATS.length();
        FloatVector y0 = FloatVector.fromArray(FLOATS, y, yAt);
        FloatVector y1 = FloatVector.fromArray(FLOATS, y, yAt + lanes);
        FloatVector y2 = FloatVector.fromArray(FLOATS, y, yAt + 2 * lanes);
        FloatVector y3 = FloatVector.fromArray(FLOATS, y, yAt + 3 * lanes);
        for (int t = 0; t < count; t++) {
            FloatVector factor = FloatVector.broadcast(FLOATS, p[pAt + t]);
            int at = vAt + t * vStride;
            y0 = FloatVector.fromArray(FLOATS, v, at).fma(factor, y0);
            y1 = FloatVector.fromArray(FLOATS, v, at + lanes).fma(factor, y1);
            y2 = FloatVector.fromArray(FLOATS, v, at + 2 * lanes).fma(factor, y2);
            y3 = FloatVector.fromArray(FLOATS, v, at + 3 * lanes).fma(factor, y3);
        }
        y0.intoArray(y, yAt);
        y1.intoArray(y, yAt + lanes);
        y2.intoArray(y, yAt + 2 * lanes);
        y3.intoArray(y, yAt + 3 * lanes);
    }

    /** Four rows of p, two vectors of each row of v. */
    private static void block(
            float[] p, int pAt, int pStride, float[] v, int vAt, int vStride, int count, float[] y, int yAt, int size) {
        int half = FLOATS.length();
        FloatVector y00 = FloatVector.fromArray(FLOATS, y, yAt);
        FloatVector y01 = FloatVector.fromArray(FLOATS, y, yAt + half);
        FloatVector y10 = FloatVector.fromArray(FLOATS, y, yAt + size);
        FloatVector y11 = FloatVector.fromArray(FLOATS, y, yAt + size + half);
        FloatVector y20 = FloatVector.fromArray(FLOATS, y, yAt + 2 * size);
        FloatVector y21 = FloatVector.fromArray(FLOATS, y, yAt + 2 * size + half);
        FloatVector y30 = FloatVector.fromArray(FLOATS, y, yAt + 3 * size);
        FloatVector y31 = FloatVector.fromArray(FLOATS, y, yAt + 3 * size + half);
        for (int t = 0; t < count; t++) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, v, vAt + t * vStride);
            FloatVector v1 = FloatVector.fromArray(FLOATS, v, vAt + t * vStride + half);
            FloatVector p0 = FloatVector.broadcast(FLOATS, p[pAt + t]);
            y00 = v0.fma(p0, y00);
            y01 = v1.fma(p0, y01);
            FloatVector p1 = FloatVector.broadcast(FLOATS, p[pAt + pStride + t]);
            y10 = v0.fma(p1, y10);
            y11 = v1.fma(p1, y11);
            FloatVector p2 = FloatVector.broadcast(FLOATS, p[pAt + 2 * pStride + t]);
            y20 = v0.fma(p2, y20);
            y21 = v1.fma(p2, y21);
            FloatVector p3 = FloatVector.broadcast(FLOATS, p[pAt + 3 * pStride + t]);
            y30 = v0.fma(p3, y30);
            y31 = v1.fma(p3, y31);
        }
        y00.intoArray(y, yAt);
        y01.intoArray(y, yAt + half);
        y10.intoArray(y, yAt + size);
        y11.intoArray(y, yAt + size + half);
        y20.intoArray(y, yAt + 2 * size);
        y21.intoArray(y, yAt + 2 * size + half);
        y30.intoArray(y, yAt + 3 * size);
        y31.intoArray(y, yAt + 3 * size + half);
    }
}
