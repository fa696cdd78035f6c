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
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.xmm;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.ymm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;
import studio.atelier.engine.tensor.DType;

/**
 * Weight rows of 4-bit codes times one to eight rows of x, with 256-bit vectors.
 *
 * <p>A weight is {@code s·c + b} with a code c of 0 to 15 and one scale s and bias b per group of 64 columns. A row of x
 * is {@code d·q} with an 8-bit code q and one factor d per group, and the group's sum {@code m} of x is kept exactly:
 *
 * <pre>  y = sum over groups of  s · d · (sum of c · q)  +  b · m</pre>
 *
 * <p>The inner sum is of whole numbers and exact. 32 bytes hold a group; their low halves are its even columns, their
 * high halves the odd ones, and so the codes of x lie even columns first ({@code Activations} says how). One VPMADDUBSW
 * adds two products into 16 bits, {@code 2 · 15 · 127}, two of them still fit; VPMADDWD by ones brings them to 32 bits.
 *
 * <p>Scales are multiplied with x's factors for eight groups at a time. What is left of a row goes by pairs of groups
 * and then by one, because nothing behind a row may be read.
 */
final class NibbleRows {
    /** How far ahead of their use weights are asked for. */
    private static final int PREFETCH_BYTES = 2048;

    private static final Vector LOW = ymm(8);
    private static final Vector HIGH = ymm(9);
    private static final Vector SUM = ymm(10);
    private static final Vector FACTOR = ymm(11);
    private static final Vector MASK = ymm(12);
    private static final Vector ONES = ymm(13);
    private static final Vector SCALE = ymm(14);
    private static final Vector BIAS = ymm(15);

    private final X86Assembler a;
    private final InstructionSet set;
    private final DType type;
    private final int tokens;

    private NibbleRows(X86Assembler a, InstructionSet set, DType type, int tokens) {
        this.a = a;
        this.set = set;
        this.type = type;
        this.tokens = tokens;
    }

    /** Emits the kernel; results lie at {@code OUT} as {@code [tokens, rows]}. */
    static void emit(X86Assembler a, CallingConvention convention, InstructionSet set, DType type, int tokens) {
        new NibbleRows(a, set, type, tokens).emit(convention);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 32 * tokens);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        broadcast(MASK, 0x0F0F0F0F);
        broadcast(ONES, 0x00010001);
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
            a.vector(VPXOR, ymm(t), ymm(t), ymm(t));
        }
        groups();
        a.move(R9, R8);
        for (int t = 0; t < tokens; t++) {
            storeSum(t);
            a.add(R9, Memory.at(RDI, Arguments.OUT_STRIDE));
        }
        a.add(R8, 4);
        nextRow(row);
        convention.leave(a);
    }

    private void broadcast(Vector to, int pattern) {
        a.set(RAX, pattern);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }

    private void groups() {
        X86Assembler.Label eight = a.label();
        X86Assembler.Label pairs = a.label();
        X86Assembler.Label pair = a.label();
        X86Assembler.Label last = a.label();
        X86Assembler.Label done = a.label();
        a.place(eight);
        a.compare(R10, 8);
        a.jump(X86Assembler.Condition.BELOW, pairs);
        eightGroups();
        a.subtract(R10, 8);
        a.jump(eight);
        a.place(pairs);
        a.place(pair);
        a.compare(R10, 2);
        a.jump(X86Assembler.Condition.BELOW, last);
        oneGroup(0);
        oneGroup(1);
        advance(2);
        a.subtract(R10, 2);
        a.jump(pair);
        a.place(last);
        a.test(R10);
        a.jump(X86Assembler.Condition.EQUAL, done);
        oneGroup(0);
        a.place(done);
    }

    private void eightGroups() {
        ScaleCode.each(a, type, SCALE, Memory.at(RDX, 0));
        ScaleCode.each(a, type, BIAS, Memory.at(RCX, 0));
        for (int t = 0; t < tokens; t++) {
            a.vector(VMULPS, SUM, SCALE, TokenRows.row(RAX, t, 0));
            a.vectorStore(VMOVUPS_STORE, Memory.at(RSP, 32 * t), SUM);
            a.vector(VFMADD231PS, ymm(t), BIAS, TokenRows.row(RBX, t, 0));
        }
        a.prefetch(Memory.at(RDX, PREFETCH_BYTES / 4));
        a.prefetch(Memory.at(RCX, PREFETCH_BYTES / 4));
        for (int group = 0; group < 8; group++) {
            if (group % 2 == 0) {
                a.prefetch(Memory.at(RSI, PREFETCH_BYTES + 32 * group));
            }
            unpack(group);
            for (int t = 0; t < tokens; t++) {
                dot(t, group);
                a.vector(VBROADCASTSS, FACTOR, Memory.at(RSP, 32 * t + 4 * group));
                a.vector(VFMADD231PS, ymm(t), SUM, FACTOR);
            }
        }
        advance(8);
    }

    private void oneGroup(int group) {
        int at = group * ScaleCode.sizeBytes(type);
        ScaleCode.one(a, type, SCALE, Memory.at(RDX, at), R9);
        ScaleCode.one(a, type, BIAS, Memory.at(RCX, at), R9);
        unpack(group);
        for (int t = 0; t < tokens; t++) {
            dot(t, group);
            a.vector(VMULSS, FACTOR.as(128), SCALE.as(128), TokenRows.row(RAX, t, 4 * group));
            a.vector(VBROADCASTSS, FACTOR, FACTOR.as(128));
            a.vector(VFMADD231PS, ymm(t), SUM, FACTOR);
            a.vector(VMULSS, FACTOR.as(128), BIAS.as(128), TokenRows.row(RBX, t, 4 * group));
            a.vector(VADDPS, ymm(t), ymm(t), FACTOR);
        }
    }

    private void unpack(int group) {
        a.vector(VMOVDQU, HIGH, Memory.at(RSI, 32 * group));
        a.vector(VPAND, LOW, HIGH, MASK);
        a.shiftRight16(HIGH, HIGH, 4);
        a.vector(VPAND, HIGH, HIGH, MASK);
    }

    /** The exact sum of a group as floats in {@link #SUM}; {@link #FACTOR} is used on the way. */
    private void dot(int t, int group) {
        int even = group / 2 * 128 + group % 2 * 32;
        if (set == InstructionSet.AVX2) {
            a.vector(VPMADDUBSW, SUM, LOW, TokenRows.row(R11, t, even));
            a.vector(VPMADDUBSW, FACTOR, HIGH, TokenRows.row(R11, t, even + 64));
            a.vector(VPADDW, SUM, SUM, FACTOR);
            a.vector(VPMADDWD, SUM, SUM, ONES);
        } else {
            a.vector(VPXOR, SUM, SUM, SUM);
            a.vector(VPDPBUSD, SUM, LOW, TokenRows.row(R11, t, even));
            a.vector(VPDPBUSD, SUM, HIGH, TokenRows.row(R11, t, even + 64));
        }
        a.vector(VCVTDQ2PS, SUM, SUM);
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
        a.extractUpper(SUM.as(128), ymm(t));
        a.vector(VADDPS, SUM.as(128), SUM.as(128), xmm(t));
        sumOfFour(a, SUM.as(128), FACTOR.as(128));
        a.vectorStore(VMOVSS_STORE, Memory.at(R9, 0), SUM.as(128));
    }

    /** The sum of four lanes into the lowest. */
    static void sumOfFour(X86Assembler a, Vector lanes, Vector scratch) {
        a.vector(VMOVHLPS, scratch, lanes, lanes);
        a.vector(VADDPS, lanes, lanes, scratch);
        a.vector(VMOVSHDUP, scratch, lanes);
        a.vector(VADDSS, lanes, lanes, scratch);
    }

    private void nextRow(X86Assembler.Label row) {
        nextRow(a, row);
    }

    /** Moves the arguments to the next row and jumps back while there is one. */
    static void nextRow(X86Assembler a, X86Assembler.Label row) {
        int[] moving = {Arguments.VALUES, Arguments.SCALES, Arguments.BIASES};
        int[] strides = {Arguments.VALUE_STRIDE, Arguments.SCALE_STRIDE, Arguments.BIAS_STRIDE};
        for (int i = 0; i < moving.length; i++) {
            a.load(R10, Memory.at(RDI, moving[i]));
            a.add(R10, Memory.at(RDI, strides[i]));
            a.store(Memory.at(RDI, moving[i]), R10);
        }
        a.load(R10, Memory.at(RDI, Arguments.ROWS));
        a.subtract(R10, 1);
        a.store(Memory.at(RDI, Arguments.ROWS), R10);
        a.jump(X86Assembler.Condition.NOT_EQUAL, row);
    }
}
