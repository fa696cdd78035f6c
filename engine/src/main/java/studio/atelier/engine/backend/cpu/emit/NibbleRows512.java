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
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.ymm;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.zmm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;
import studio.atelier.engine.tensor.DType;

/**
 * What {@link NibbleRows} computes, with 512-bit vectors: two groups at a time, VPDPBUSD for the sums of products.
 *
 * <p>The factors of a pair of groups must fill half a register each: VPERMPS lays them out from the eight products of
 * scales and x's factors. Single groups at a row's end go through the upper registers, where every instruction is
 * EVEX-coded: processors with AVX-512 VNNI need not have the VEX form.
 */
final class NibbleRows512 {
    private static final int PREFETCH_BYTES = 8192;

    private static final Vector LOW = zmm(8);
    private static final Vector HIGH = zmm(9);
    private static final Vector SUM = zmm(10);
    private static final Vector FACTOR = zmm(11);
    private static final Vector MASK = zmm(12);
    private static final Vector SCALE = ymm(14);
    private static final Vector BIAS = ymm(15);
    private static final int FIRST_PATTERN = 24;
    private static final Vector LAST_LOW = ymm(29);
    private static final Vector LAST_HIGH = ymm(30);
    private static final Vector LAST_SUM = ymm(31);

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

    private static Vector lastSum(int t) {
        return ymm(16 + t);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 64 * tokens);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        a.set(RAX, 0x0F0F0F0F);
        a.vector(VPBROADCASTD, MASK, moved());
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
            a.vector(VPXOR, lastSum(t), lastSum(t), lastSum(t));
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

    private Vector moved() {
        Vector low = Vector.xmm(10);
        a.vector(VMOVD, low, RAX);
        return low;
    }

    /** For pair p, lanes 0 to 7 pick element 2p and lanes 8 to 15 element 2p + 1. */
    private void patterns() {
        for (int pair = 0; pair < 4; pair++) {
            for (int half = 0; half < 2; half++) {
                a.set(RAX, 2 * pair + half);
                a.vector(VPBROADCASTD, Vector.ymm(11), moved());
                a.vectorStore(VMOVDQU_STORE, Memory.at(RSP, 32 * half), Vector.ymm(11));
            }
            a.vector(VMOVDQU, zmm(FIRST_PATTERN + pair), Memory.at(RSP, 0));
        }
    }

    private void groups() {
        X86Assembler.Label eight = a.label();
        X86Assembler.Label one = a.label();
        X86Assembler.Label pair = a.label();
        X86Assembler.Label done = a.label();
        a.place(eight);
        a.compare(R10, 8);
        a.jump(X86Assembler.Condition.BELOW, pair);
        eightGroups();
        a.subtract(R10, 8);
        a.jump(eight);
        a.place(pair);
        a.compare(R10, 2);
        a.jump(X86Assembler.Condition.BELOW, one);
        oneGroup(0);
        oneGroup(1);
        advance(2);
        a.subtract(R10, 2);
        a.jump(pair);
        a.place(one);
        a.test(R10);
        a.jump(X86Assembler.Condition.EQUAL, done);
        oneGroup(0);
        a.place(done);
    }

    private void eightGroups() {
        ScaleCode.eight(a, type, SCALE, Memory.at(RDX, 0));
        ScaleCode.eight(a, type, BIAS, Memory.at(RCX, 0));
        for (int t = 0; t < tokens; t++) {
            a.vector(VMULPS, FACTOR.as(256), SCALE, TokenRows.row(RAX, t, 0));
            a.vectorStore(VMOVUPS_STORE, Memory.at(RSP, 64 * t), FACTOR.as(256));
            a.vector(VFMADD231PS, lastSum(t), BIAS, TokenRows.row(RBX, t, 0));
        }
        a.prefetch(Memory.at(RDX, PREFETCH_BYTES / 8));
        a.prefetch(Memory.at(RCX, PREFETCH_BYTES / 8));
        for (int pair = 0; pair < 4; pair++) {
            a.prefetch(Memory.at(RSI, PREFETCH_BYTES + 64 * pair));
            a.vector(VMOVDQU, HIGH, Memory.at(RSI, 64 * pair));
            a.vector(VPAND, LOW, HIGH, MASK);
            a.shiftRight16(HIGH, HIGH, 4);
            a.vector(VPAND, HIGH, HIGH, MASK);
            for (int t = 0; t < tokens; t++) {
                a.vector(VPXOR, SUM, SUM, SUM);
                a.vector(VPDPBUSD, SUM, LOW, TokenRows.row(R11, t, 128 * pair));
                a.vector(VPDPBUSD, SUM, HIGH, TokenRows.row(R11, t, 128 * pair + 64));
                a.vector(VCVTDQ2PS, SUM, SUM);
                a.vector(VPERMPS, FACTOR, zmm(FIRST_PATTERN + pair), Memory.at(RSP, 64 * t));
                a.vector(VFMADD231PS, sum(t), SUM, FACTOR);
            }
        }
        advance(8);
    }

    private void oneGroup(int group) {
        int at = group * ScaleCode.sizeBytes(type);
        ScaleCode.one(a, type, SCALE, Memory.at(RDX, at), R9);
        ScaleCode.one(a, type, BIAS, Memory.at(RCX, at), R9);
        a.vector(VMOVDQU, LAST_HIGH, Memory.at(RSI, 32 * group));
        a.vector(VPAND, LAST_LOW, LAST_HIGH, MASK.as(256));
        a.shiftRight16(LAST_HIGH, LAST_HIGH, 4);
        a.vector(VPAND, LAST_HIGH, LAST_HIGH, MASK.as(256));
        Vector factor = FACTOR.as(256);
        for (int t = 0; t < tokens; t++) {
            a.vector(VPXOR, LAST_SUM, LAST_SUM, LAST_SUM);
            a.vector(VPDPBUSD, LAST_SUM, LAST_LOW, TokenRows.row(R11, t, 32 * group));
            a.vector(VPDPBUSD, LAST_SUM, LAST_HIGH, TokenRows.row(R11, t, 32 * group + 64));
            a.vector(VCVTDQ2PS, LAST_SUM, LAST_SUM);
            a.vector(VMULSS, factor.as(128), SCALE.as(128), TokenRows.row(RAX, t, 4 * group));
            a.vector(VBROADCASTSS, factor, factor.as(128));
            a.vector(VFMADD231PS, lastSum(t), LAST_SUM, factor);
            a.vector(VMULSS, factor.as(128), BIAS.as(128), TokenRows.row(RBX, t, 4 * group));
            a.vector(VADDPS, lastSum(t), lastSum(t), factor);
        }
    }

    private void advance(int groups) {
        a.add(RSI, 32 * groups);
        a.add(RDX, ScaleCode.sizeBytes(type) * groups);
        a.add(RCX, ScaleCode.sizeBytes(type) * groups);
        a.add(R11, 64 * groups);
        a.add(RAX, 4 * groups);
        a.add(RBX, 4 * groups);
    }

    private void storeSum(int t) {
        Vector upper = SUM.as(256);
        a.extractUpper(upper, sum(t));
        a.vector(VADDPS, upper, upper, sum(t).as(256));
        a.vector(VADDPS, upper, upper, lastSum(t));
        a.extractUpper(FACTOR.as(128), upper);
        a.vector(VADDPS, upper.as(128), upper.as(128), FACTOR.as(128));
        NibbleRows.sumOfFour(a, upper.as(128), FACTOR.as(128));
        a.vectorStore(VMOVSS_STORE, Memory.at(R9, 0), upper.as(128));
    }
}
