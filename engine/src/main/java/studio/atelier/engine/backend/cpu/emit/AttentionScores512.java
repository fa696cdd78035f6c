package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R12;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R13;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R14;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R15;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R9;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RCX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.zmm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * Scores of up to four queries with a tile of bfloat16 keys: {@code s[r, t] = q_r · k_t}, in floats.
 *
 * <p>32 neighbouring bfloat16 are 16 words, whose upper halves are the odd elements as floats, once the lower halves are
 * cleared, and whose lower halves are the even ones, once they are shifted up. So a key needs one load and two
 * operations for 32 elements of all queries; queries lie sorted in the same way, {@code [D / 32, rows, 16 even, 16 odd]}.
 * Four keys at a time leave 16 sums in registers, which three exchanges join. A key may be in two parts, a latent and a
 * rotary key; the second may be empty.
 *
 * <p>A key head's rows lie far apart in the cache, which no processor guesses: the keys 32 positions on are asked for.
 */
final class AttentionScores512 {
    /** Queries at once. */
    static final int ROWS = 4;

    /** Floats from one query's scores to the next one's. */
    static final int TILE = 64;

    static final Vector MASK = zmm(31);

    private static final int KEYS = 4;
    private static final int LINE = 64;

    private final X86Assembler a;
    private final int rows;

    private AttentionScores512(X86Assembler a, int rows) {
        this.a = a;
        this.rows = rows;
    }

    /** Emits the kernel; see {@link Arguments#setKeys}. */
    static void emit(X86Assembler a, CallingConvention convention, int rows) {
        new AttentionScores512(a, rows).emit(convention);
    }

    /** Loads {@link #MASK}, all lanes {@code 0xFFFF0000}. */
    static void mask(X86Assembler a) {
        a.set(RAX, 0xFFFF0000);
        a.vector(VMOVD, Vector.xmm(0), RAX);
        a.vector(VPBROADCASTD, MASK, Vector.xmm(0));
    }

    /** RAX = 32 times R12: how far ahead lines are asked for. */
    static void distance(X86Assembler a) {
        a.move(RAX, R12);
        for (int doubled = 0; doubled < 5; doubled++) {
            a.add(RAX, RAX);
        }
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 0);
        mask(a);
        a.load(RSI, Memory.at(RDI, Arguments.VALUES));
        a.load(RDX, Memory.at(RDI, Arguments.SCALES));
        a.load(R12, Memory.at(RDI, Arguments.VALUE_STRIDE));
        a.lea(R13, Memory.at(R12, R12, 2, 0));
        a.load(R14, Memory.at(RDI, Arguments.SCALE_STRIDE));
        a.lea(R15, Memory.at(R14, R14, 2, 0));
        a.load(RBX, Memory.at(RDI, Arguments.OUT));
        a.load(R11, Memory.at(RDI, Arguments.ROWS));
        distance(a);
        X86Assembler.Label four = a.label();
        X86Assembler.Label one = a.label();
        X86Assembler.Label done = a.label();
        a.place(four);
        a.compare(R11, KEYS);
        a.jump(X86Assembler.Condition.BELOW, one);
        block(KEYS);
        a.lea(RSI, Memory.at(RSI, R12, 4, 0));
        a.lea(RDX, Memory.at(RDX, R14, 4, 0));
        a.add(RBX, 4 * KEYS);
        a.subtract(R11, KEYS);
        a.jump(four);
        a.place(one);
        a.test(R11);
        a.jump(X86Assembler.Condition.EQUAL, done);
        block(1);
        a.add(RSI, R12);
        a.add(RDX, R14);
        a.add(RBX, 4);
        a.subtract(R11, 1);
        a.jump(one);
        a.place(done);
        convention.leave(a);
    }

    private static Vector sum(int row, int key) {
        return zmm(KEYS * row + key);
    }

    private void block(int keys) {
        for (int r = 0; r < rows; r++) {
            for (int k = 0; k < keys; k++) {
                a.vector(VPXOR, sum(r, k), sum(r, k), sum(r, k));
            }
        }
        X86Assembler.Label first = a.label();
        X86Assembler.Label second = a.label();
        X86Assembler.Label summed = a.label();
        a.load(R9, Memory.at(RDI, Arguments.CODES));
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
        a.move(R8, RSI);
        a.lea(RCX, Memory.at(RSI, RAX, 1, 0));
        a.place(first);
        for (int k = 0; k < keys; k++) {
            a.prefetch(key(RCX, R12, R13, k));
        }
        a.add(RCX, LINE);
        elements(keys, R12, R13);
        a.jump(X86Assembler.Condition.NOT_EQUAL, first);
        a.load(R10, Memory.at(RDI, Arguments.BIASES));
        a.test(R10);
        a.jump(X86Assembler.Condition.EQUAL, summed);
        a.move(R8, RDX);
        a.place(second);
        elements(keys, R14, R15);
        a.jump(X86Assembler.Condition.NOT_EQUAL, second);
        a.place(summed);
        for (int r = 0; r < rows; r++) {
            if (keys == KEYS) {
                storeFour(r);
            } else {
                storeOne(r);
            }
        }
    }

    private static Memory key(General base, General stride, General threeStrides, int key) {
        return switch (key) {
            case 0 -> Memory.at(base, 0);
            case 1 -> Memory.at(base, stride, 1, 0);
            case 2 -> Memory.at(base, stride, 2, 0);
            default -> Memory.at(base, threeStrides, 1, 0);
        };
    }

    /** 32 elements of all keys and queries; leaves the flags of counting down. */
    private void elements(int keys, General stride, General threeStrides) {
        for (int r = 0; r < rows; r++) {
            a.vector(VMOVUPS, zmm(20 + 2 * r), Memory.at(R9, 2 * LINE * r));
            a.vector(VMOVUPS, zmm(21 + 2 * r), Memory.at(R9, 2 * LINE * r + LINE));
        }
        for (int k = 0; k < keys; k++) {
            Vector odd = zmm(16 + k % 2 * 2);
            Vector even = zmm(17 + k % 2 * 2);
            a.vector(VMOVDQU, odd, key(R8, stride, threeStrides, k));
            a.shiftLeft32(even, odd, 16);
            a.vector(VPAND, odd, odd, MASK);
            for (int r = 0; r < rows; r++) {
                a.vector(VFMADD231PS, sum(r, k), even, zmm(20 + 2 * r));
            }
            for (int r = 0; r < rows; r++) {
                a.vector(VFMADD231PS, sum(r, k), odd, zmm(21 + 2 * r));
            }
        }
        a.add(R8, LINE);
        a.add(R9, 2 * LINE * rows);
        a.subtract(R10, 1);
    }

    /** Lanes 0 to 3 of each quarter become the four keys' sums, then the quarters are added. */
    private void storeFour(int row) {
        Vector low = zmm(16);
        Vector high = zmm(17);
        Vector lowOther = zmm(18);
        Vector highOther = zmm(19);
        a.vector(VPUNPCKLDQ, low, sum(row, 0), sum(row, 1));
        a.vector(VPUNPCKHDQ, high, sum(row, 0), sum(row, 1));
        a.vector(VADDPS, low, low, high);
        a.vector(VPUNPCKLDQ, lowOther, sum(row, 2), sum(row, 3));
        a.vector(VPUNPCKHDQ, highOther, sum(row, 2), sum(row, 3));
        a.vector(VADDPS, lowOther, lowOther, highOther);
        a.vector(VSHUFPS, high, low, lowOther, 0x44);
        a.vector(VSHUFPS, highOther, low, lowOther, 0xEE);
        Vector all = sum(row, 0);
        Vector upper = sum(row, 1);
        a.vector(VADDPS, all, high, highOther);
        quarters(all, upper);
        a.vectorStore(VMOVUPS_STORE, Memory.at(RBX, 4 * TILE * row), all.as(128));
    }

    private void storeOne(int row) {
        Vector all = sum(row, 0);
        Vector scratch = sum(row, 1);
        quarters(all, scratch);
        WeightRows.sumOfFour(a, all.as(128), scratch.as(128));
        a.vectorStore(VMOVSS_STORE, Memory.at(RBX, 4 * TILE * row), all.as(128));
    }

    private void quarters(Vector all, Vector scratch) {
        a.extractUpper(scratch.as(256), all);
        a.vector(VADDPS, all.as(256), all.as(256), scratch.as(256));
        a.extractUpper(scratch.as(128), all.as(256));
        a.vector(VADDPS, all.as(128), all.as(128), scratch.as(128));
    }
}
