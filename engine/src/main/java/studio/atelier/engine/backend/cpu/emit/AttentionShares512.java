package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.zmm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * The running softmax over a whole tile of 64 scores, for up to four queries: with the maximum so far {@code m}, the sum
 * so far {@code l} and the tile's largest score {@code s}, {@code m' = max(m, s)}, shares {@code exp(s_t - m')}, {@code l' =
 * l · exp(m - m') + sum of shares}; what was mixed so far must shrink by {@code exp(m - m')}.
 *
 * <p>{@code exp(x) = 2^n · exp(r)} with whole n and {@code |r| <= ln 2 / 2}, where a polynomial of degree 6 is within
 * 2e-7; below -87 it is taken as there, 1e-38.
 */
final class AttentionShares512 {
    /** Where the state of a group of four queries keeps maxima, sums and what results shrink by. */
    static final int SUMS = 16;

    static final int SHRINK = 32;

    private static final int VECTORS = AttentionScores512.TILE / 16;
    private static final float ROUNDER = 12_582_912f;
    private static final float[] CONSTANTS = {
        // Least, log2 e, rounder, the two negative parts of ln 2, and the polynomial from its highest power on.
        -87f,
        1.442695041f,
        ROUNDER,
        -0.693359375f,
        2.12194440e-4f,
        0.00138888889f,
        0.00833333333f,
        0.0416666667f,
        0.166666667f,
        0.5f,
        1f
    };
    private static final int FIRST_CONSTANT = 16;
    private static final int FIRST_POWER = 5;

    private AttentionShares512() {}

    /** Emits the kernel: scores at {@code CODES}, in place; state at {@code OUT}. */
    static void emit(X86Assembler a, CallingConvention convention, int rows) {
        convention.enter(a, 0);
        for (int i = 0; i < CONSTANTS.length; i++) {
            a.set(RAX, Float.floatToRawIntBits(CONSTANTS[i]));
            a.vector(VMOVD, Vector.xmm(0), RAX);
            a.vector(VPBROADCASTD, constant(i), Vector.xmm(0));
        }
        a.load(RSI, Memory.at(RDI, Arguments.CODES));
        a.load(RBX, Memory.at(RDI, Arguments.OUT));
        for (int r = 0; r < rows; r++) {
            row(a, 4 * AttentionScores512.TILE * r, 4 * r);
        }
        convention.leave(a);
    }

    private static Vector constant(int i) {
        return zmm(FIRST_CONSTANT + i);
    }

    private static void row(X86Assembler a, int at, int state) {
        for (int i = 0; i < VECTORS; i++) {
            a.vector(VMOVUPS, zmm(i), Memory.at(RSI, at + 64 * i));
        }
        a.vector(VMAXPS, zmm(4), zmm(0), zmm(1));
        a.vector(VMAXPS, zmm(5), zmm(2), zmm(3));
        a.vector(VMAXPS, zmm(4), zmm(4), zmm(5));
        join(a, VMAXPS, 4, 5);
        a.vector(VMOVD, Vector.xmm(6), Memory.at(RBX, state));
        a.vector(VMAXPS, Vector.xmm(4), Vector.xmm(4), Vector.xmm(6));
        a.vectorStore(VMOVSS_STORE, Memory.at(RBX, state), Vector.xmm(4));
        a.vector(VBROADCASTSS, zmm(5), Vector.xmm(4));
        a.vector(VSUBPS, zmm(4), zmm(6), zmm(5));
        for (int i = 0; i < VECTORS; i++) {
            a.vector(VSUBPS, zmm(i), zmm(i), zmm(5));
        }
        for (int i = 0; i <= VECTORS; i++) {
            exponential(a, zmm(i));
        }
        for (int i = 0; i < VECTORS; i++) {
            a.vectorStore(VMOVUPS_STORE, Memory.at(RSI, at + 64 * i), zmm(i));
        }
        a.vector(VADDPS, zmm(0), zmm(0), zmm(1));
        a.vector(VADDPS, zmm(2), zmm(2), zmm(3));
        a.vector(VADDPS, zmm(0), zmm(0), zmm(2));
        join(a, VADDPS, 0, 1);
        Vector shrink = Vector.xmm(4);
        a.vectorStore(VMOVSS_STORE, Memory.at(RBX, state + SHRINK), shrink);
        a.vector(VMULSS, shrink, shrink, Memory.at(RBX, state + SUMS));
        a.vector(VADDSS, shrink, shrink, Vector.xmm(0));
        a.vectorStore(VMOVSS_STORE, Memory.at(RBX, state + SUMS), shrink);
    }

    /** All sixteen lanes into the lowest. */
    private static void join(X86Assembler a, VectorInstruction operation, int number, int scratch) {
        a.extractUpper(Vector.ymm(scratch), zmm(number));
        a.vector(operation, Vector.ymm(number), Vector.ymm(number), Vector.ymm(scratch));
        a.extractUpper(Vector.xmm(scratch), Vector.ymm(number));
        Vector low = Vector.xmm(number);
        Vector other = Vector.xmm(scratch);
        a.vector(operation, low, low, other);
        a.vector(VMOVHLPS, other, low, low);
        a.vector(operation, low, low, other);
        a.vector(VMOVSHDUP, other, low);
        a.vector(operation, low, low, other);
    }

    private static void exponential(X86Assembler a, Vector x) {
        Vector n = zmm(8);
        Vector p = zmm(9);
        // In this order what is not a number stays so.
        a.vector(VMAXPS, x, constant(0), x);
        a.vector(VMULPS, n, x, constant(1));
        a.vector(VADDPS, n, n, constant(2));
        a.vector(VSUBPS, n, n, constant(2));
        a.vector(VFMADD231PS, x, n, constant(3));
        a.vector(VFMADD231PS, x, n, constant(4));
        a.vector(VMULPS, p, x, constant(FIRST_POWER));
        a.vector(VADDPS, p, p, constant(FIRST_POWER + 1));
        for (int power = FIRST_POWER + 2; power < CONSTANTS.length; power++) {
            a.vector(VFMADD213PS, p, x, constant(power));
        }
        a.vector(VFMADD213PS, p, x, constant(CONSTANTS.length - 1));
        a.vector(VCVTPS2DQ, n, n);
        a.shiftLeft32(n, n, 23);
        a.vector(VPADDD, x, p, n);
    }
}
