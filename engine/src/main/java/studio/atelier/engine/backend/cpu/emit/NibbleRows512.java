package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R9;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RCX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSP;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.zmm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;
import studio.atelier.engine.tensor.DType;

/**
 * What {@link NibbleRows} computes, with 512-bit vectors: two groups at a time, VPDPBUSD for the sums of products.
 *
 * <p>Sixteen groups share one vector of factors {@code s · d} for each row of x. It stays in a register, and VPERMPS takes
 * the factors of a pair of groups from it, eight lanes each: a trip through memory would wait for the store of the
 * sixteen before. What is left of a row, up to fifteen groups, reads its scales under a mask.
 */
final class NibbleRows512 {
    /** How far ahead of their use weights are asked for. */
    private static final int PREFETCH_BYTES = 8192;
    /** Scales are 2 of 36 bytes; asked for a little earlier than the weights they belong to. */
    private static final int SCALE_PREFETCH_BYTES = 1024;

    private static final int GROUPS = 16;
    private static final int PAIRS = GROUPS / 2;
    private static final int LAST = 1;

    private static final Vector LOW = zmm(8);
    private static final Vector HIGH = zmm(9);
    private static final Vector SUM = zmm(10);
    private static final Vector FACTOR = zmm(11);
    private static final Vector MASK = zmm(12);
    private static final Vector SCALE = zmm(13);
    private static final Vector BIAS = zmm(14);
    private static final Vector GROUP_SUM = zmm(15);
    private static final int FIRST_PATTERN = 16;
    private static final int FIRST_FACTOR = 24;

    private final X86Assembler a;
    private final DType type;
    private final int tokens;

    private NibbleRows512(X86Assembler a, DType type, int tokens) {
        this.a = a;
        this.type = type;
        this.tokens = tokens;
    }

    /** Emits the kernel; results lie at {@code OUT} as {@code [tokens, rows]}. */
    static void emit(X86Assembler a, CallingConvention convention, DType type, int tokens) {
        new NibbleRows512(a, type, tokens).emit(convention);
    }

    private static Vector sum(int t) {
        return zmm(t);
    }

    private static Vector factors(int t) {
        return zmm(FIRST_FACTOR + t);
    }

    private static Vector pattern(int pair) {
        return zmm(FIRST_PATTERN + pair);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 64);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        a.load(RAX, Memory.at(RDI, Arguments.LAST_LANES));
        a.mask(LAST, RAX);
        broadcast(MASK, 0x0F0F0F0F);
        patterns();
        X86Assembler.Label row = a.label();
        a.place(row);
        a.load(RSI, Memory.at(RDI, Arguments.VALUES));
        a.load(RDX, Memory.at(RDI, Arguments.SCALES));
        a.load(RCX, Memory.at(RDI, Arguments.BIASES));
        a.load(R11, Memory.at(RDI, Arguments.CODES));
        a.load(RAX, Memory.at(RDI, Arguments.CODE_SCALES));
        a.load(RBX, Memory.at(RDI, Arguments.CODE_SUMS));
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
        for (int t = 0; t < tokens; t++) {
            a.vector(VPXOR, sum(t), sum(t), sum(t));
        }
        groups();
        a.move(R9, R8);
        for (int t = 0; t < tokens; t++) {
            storeSum(t);
            a.add(R9, Memory.at(RDI, Arguments.OUT_STRIDE));
        }
        a.add(R8, 4);
        NibbleRows.nextRow(a, row);
        convention.leave(a);
    }

    private void broadcast(Vector to, int value) {
        a.set(RAX, value);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }

    /** For pair p, lanes 0 to 7 pick element 2p and lanes 8 to 15 element 2p + 1. */
    private void patterns() {
        for (int pair = 0; pair < PAIRS; pair++) {
            for (int half = 0; half < 2; half++) {
                broadcast(FACTOR, 2 * pair + half);
                a.vectorStore(VMOVDQU_STORE, Memory.at(RSP, 32 * half), FACTOR.as(256));
            }
            a.vector(VMOVDQU, pattern(pair), Memory.at(RSP, 0));
        }
    }

    private void groups() {
        X86Assembler.Label sixteen = a.label();
        X86Assembler.Label last = a.label();
        X86Assembler.Label done = a.label();
        a.place(sixteen);
        a.compare(R10, GROUPS);
        a.jump(X86Assembler.Condition.BELOW, last);
        sixteenGroups();
        a.subtract(R10, GROUPS);
        a.jump(sixteen);
        a.place(last);
        a.test(R10);
        a.jump(X86Assembler.Condition.EQUAL, done);
        lastGroups(done);
        a.place(done);
    }

    private void sixteenGroups() {
        ScaleCode.each(a, type, SCALE, Memory.at(RDX, 0));
        ScaleCode.each(a, type, BIAS, Memory.at(RCX, 0));
        for (int t = 0; t < tokens; t++) {
            a.vector(VMULPS, factors(t), SCALE, TokenRows.row(RAX, t, 0));
            a.vector(VFMADD231PS, sum(t), BIAS, TokenRows.row(RBX, t, 0));
        }
        a.prefetch(Memory.at(RDX, SCALE_PREFETCH_BYTES));
        a.prefetch(Memory.at(RCX, SCALE_PREFETCH_BYTES));
        for (int pair = 0; pair < PAIRS; pair++) {
            pairOfGroups(pair);
        }
        a.add(RSI, 32 * GROUPS);
        a.add(RDX, ScaleCode.sizeBytes(type) * GROUPS);
        a.add(RCX, ScaleCode.sizeBytes(type) * GROUPS);
        a.add(R11, 64 * GROUPS);
        a.add(RAX, 4 * GROUPS);
        a.add(RBX, 4 * GROUPS);
    }

    private void lastGroups(X86Assembler.Label done) {
        ScaleCode.masked(a, type, SCALE, LAST, Memory.at(RDX, 0));
        ScaleCode.masked(a, type, BIAS, LAST, Memory.at(RCX, 0));
        for (int t = 0; t < tokens; t++) {
            a.vectorMasked(VMOVUPS, factors(t), LAST, TokenRows.row(RAX, t, 0));
            a.vector(VMULPS, factors(t), SCALE, factors(t));
            // What lies behind the sums may be no number, and would stay so times nothing.
            a.vectorMasked(VMOVUPS, GROUP_SUM, LAST, TokenRows.row(RBX, t, 0));
            a.vector(VFMADD231PS, sum(t), BIAS, GROUP_SUM);
        }
        a.prefetch(Memory.at(RDX, SCALE_PREFETCH_BYTES));
        a.prefetch(Memory.at(RCX, SCALE_PREFETCH_BYTES));
        X86Assembler.Label[] single = new X86Assembler.Label[PAIRS];
        for (int pair = 0; pair < PAIRS; pair++) {
            single[pair] = a.label();
            if (pair < PAIRS - 1) {
                a.compare(R10, 2 * pair + 2);
                a.jump(X86Assembler.Condition.BELOW, single[pair]);
                pairOfGroups(pair);
            }
        }
        for (int pair = PAIRS - 1; pair >= 0; pair--) {
            a.place(single[pair]);
            a.compare(R10, 2 * pair + 1);
            a.jump(X86Assembler.Condition.BELOW, done);
            singleGroup(pair);
            a.jump(done);
        }
    }

    private void pairOfGroups(int pair) {
        a.prefetch(Memory.at(RSI, PREFETCH_BYTES + 64 * pair));
        unpack(pair, 512);
        for (int t = 0; t < tokens; t++) {
            dot(t, pair);
            a.vector(VFMADD231PS, sum(t), SUM, FACTOR);
        }
    }

    /** The first group of a pair; the second has weights of 0, and no factor. */
    private void singleGroup(int pair) {
        unpack(pair, 256);
        for (int t = 0; t < tokens; t++) {
            dot(t, pair);
            a.vector(VMULPS, SUM.as(256), SUM.as(256), FACTOR.as(256));
            a.vector(VADDPS, sum(t), sum(t), SUM);
        }
    }

    private void unpack(int pair, int bits) {
        a.vector(VMOVDQU, HIGH.as(bits), Memory.at(RSI, 64 * pair));
        a.vector(VPAND, LOW.as(bits), HIGH.as(bits), MASK.as(bits));
        a.shiftRight16(HIGH.as(bits), HIGH.as(bits), 4);
        a.vector(VPAND, HIGH.as(bits), HIGH.as(bits), MASK.as(bits));
    }

    /** The exact sums of a pair as floats, and what they are to be multiplied by. */
    private void dot(int t, int pair) {
        a.vector(VPXOR, SUM, SUM, SUM);
        a.vector(VPDPBUSD, SUM, LOW, TokenRows.row(R11, t, 128 * pair));
        a.vector(VPDPBUSD, SUM, HIGH, TokenRows.row(R11, t, 128 * pair + 64));
        a.vector(VCVTDQ2PS, SUM, SUM);
        a.vector(VPERMPS, FACTOR, pattern(pair), factors(t));
    }

    private void storeSum(int t) {
        a.extractUpper(SUM.as(256), sum(t));
        a.vector(VADDPS, SUM.as(256), SUM.as(256), sum(t).as(256));
        a.extractUpper(FACTOR.as(128), SUM.as(256));
        a.vector(VADDPS, SUM.as(128), SUM.as(128), FACTOR.as(128));
        NibbleRows.sumOfFour(a, SUM.as(128), FACTOR.as(128));
        a.vectorStore(VMOVSS_STORE, Memory.at(R9, 0), SUM.as(128));
    }
}
