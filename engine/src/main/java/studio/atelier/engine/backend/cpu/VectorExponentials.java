package studio.atelier.engine.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * exp and what is made of it, with vector instructions: {@code exp(x) = 2^n · exp(r)} with whole n and {@code |r| <= ln 2 /
 * 2}, where a polynomial of degree 6 is within 2e-7. The two loops hold the same lines: a shared method would be boxed.
 */
final class VectorExponentials {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final float LOG2_E = 1.442695041f;
    /** ln 2 in two parts; the first has few bits, so that its product with n is exact. */
    private static final float LN2_HIGH = 0.693359375f;

    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding and taking it away rounds to a whole number. */
    private static final float ROUNDER = 12_582_912f;

    private static final float LEAST = -87f;
    private static final float MOST = 88f;
    private static final float C2 = 0.5f;
    private static final float C3 = 0.166666667f;
    private static final float C4 = 0.0416666667f;
    private static final float C5 = 0.00833333333f;
    private static final float C6 = 0.00138888889f;

    private VectorExponentials() {}

    /** As {@link Kernels#exponentials}; what is below {@value #LEAST} becomes 0. */
    static float exponentials(float[] x, int at, int count, float shift) {
        FloatVector sum = FloatVector.zero(FLOATS);
        int i = at;
        int bound = at + FLOATS.loopBound(count);
        for (; i < bound; i += FLOATS.length()) {
            FloatVector d = FloatVector.fromArray(FLOATS, x, i).sub(shift);
            FloatVector z = d.max(LEAST);
            FloatVector n = z.mul(LOG2_E).add(ROUNDER).sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), z)
                    .sub(n.mul(FloatVector.broadcast(FLOATS, LN2_LOW)));
            FloatVector p = FloatVector.broadcast(FLOATS, C6)
                    .fma(r, FloatVector.broadcast(FLOATS, C5))
                    .fma(r, FloatVector.broadcast(FLOATS, C4))
                    .fma(r, FloatVector.broadcast(FLOATS, C3))
                    .fma(r, FloatVector.broadcast(FLOATS, C2))
                    .fma(r, FloatVector.broadcast(FLOATS, 1))
                    .fma(r, FloatVector.broadcast(FLOATS, 1));
            IntVector power = ((IntVector) n.convert(VectorOperators.F2I, 0)).lanewise(VectorOperators.LSHL, 23);
            FloatVector e = p.reinterpretAsInts().add(power).reinterpretAsFloats();
            e = e.blend(0, d.compare(VectorOperators.LT, LEAST));
            e.intoArray(x, i);
            sum = sum.add(e);
        }
        float total = LaneSum.of(sum);
        for (; i < at + count; i++) {
            x[i] = (float) Math.exp(x[i] - shift);
            total += x[i];
        }
        return total;
    }

    /** As {@link Kernels#silu}. */
    static void silu(float[] gate, float[] up, int at, int count) {
        int i = at;
        int bound = at + FLOATS.loopBound(count);
        for (; i < bound; i += FLOATS.length()) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, i);
            FloatVector z = g.neg().max(LEAST).min(MOST);
            FloatVector n = z.mul(LOG2_E).add(ROUNDER).sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), z)
                    .sub(n.mul(FloatVector.broadcast(FLOATS, LN2_LOW)));
            FloatVector p = FloatVector.broadcast(FLOATS, C6)
                    .fma(r, FloatVector.broadcast(FLOATS, C5))
                    .fma(r, FloatVector.broadcast(FLOATS, C4))
                    .fma(r, FloatVector.broadcast(FLOATS, C3))
                    .fma(r, FloatVector.broadcast(FLOATS, C2))
                    .fma(r, FloatVector.broadcast(FLOATS, 1))
                    .fma(r, FloatVector.broadcast(FLOATS, 1));
            IntVector power = ((IntVector) n.convert(VectorOperators.F2I, 0)).lanewise(VectorOperators.LSHL, 23);
            FloatVector e = p.reinterpretAsInts().add(power).reinterpretAsFloats();
            g.div(e.add(1)).mul(FloatVector.fromArray(FLOATS, up, i)).intoArray(gate, i);
        }
        for (; i < at + count; i++) {
            gate[i] = (float) (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
        }
    }
}
