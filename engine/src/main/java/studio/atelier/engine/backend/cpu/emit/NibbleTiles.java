package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R9;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSP;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.ymm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * Sixteen weight rows, turned by {@link NibbleTranspose}, times many rows of x, with 256-bit vectors: the lanes are
 * weight rows, and a tile of 16 × 4 results stays in registers for half a group.
 *
 * <p>Four codes of x go to all lanes at once; VPMADDUBSW multiplies them with four columns of eight rows and leaves two
 * sums of 16 bits per row. Eight of those fit into 16 bits, {@code 8 · 2 · 15 · 127 < 2^15}, which is half a group; then
 * VPMADDWD brings them to 32 bits. Whole numbers, hence exact, as in {@link NibbleRows}; the same scales, factors and
 * sums turn them into results. With VPDPBUSD the sums have 32 bits from the start.
 */
final class NibbleTiles {
    /** Rows of x in a tile. */
    static final int TOKENS = 4;

    private static final int BLOCKS = 2;
    private static final Vector MASK = ymm(14);
    private static final Vector ONES = ymm(15);
    private static final Vector CODES = ymm(12);
    private static final Vector PRODUCT = ymm(13);

    private final X86Assembler a;
    private final InstructionSet set;
    private final int tokens;

    private NibbleTiles(X86Assembler a, InstructionSet set, int tokens) {
        this.a = a;
        this.set = set;
        this.tokens = tokens;
    }

    /**
     * Emits the kernel: {@code TOKENS} rows of x, a multiple of {@code tokens}; results at {@code OUT} as {@code [rows
     * of x, 16]}.
     */
    static void emit(X86Assembler a, CallingConvention convention, InstructionSet set, int tokens) {
        new NibbleTiles(a, set, tokens).emit(convention);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 32 * BLOCKS * tokens);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        broadcast(MASK, 0x0F0F0F0F);
        broadcast(ONES, 0x00010001);
        X86Assembler.Label tile = a.label();
        X86Assembler.Label group = a.label();
        a.place(tile);
        a.load(RSI, Memory.at(RDI, Arguments.TILES));
        a.load(R11, Memory.at(RDI, Arguments.CODES));
        a.load(RAX, Memory.at(RDI, Arguments.CODE_SCALES));
        a.load(RBX, Memory.at(RDI, Arguments.CODE_SUMS));
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
        a.vector(VPXOR, CODES, CODES, CODES);
        for (int i = 0; i < BLOCKS * tokens; i++) {
            a.vectorStore(VMOVUPS_STORE, Memory.at(R8, 32 * i), CODES);
        }
        // Codes of groups come in pairs, 32 bytes apart: R9 is how far it is to the next.
        a.set(R9, 32);
        a.place(group);
        group();
        a.add(RSI, NibbleTranspose.GROUP_BYTES);
        a.add(R11, R9);
        a.xor(R9, 32 ^ 96);
        a.add(RAX, 4);
        a.add(RBX, 4);
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, group);
        a.add(R8, 64 * tokens);
        nextTokens(a, tokens, tile);
        convention.leave(a);
    }

    private void broadcast(Vector to, int pattern) {
        a.set(RAX, pattern);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }

    private static Vector sum(int t, int block) {
        return ymm(2 * t + block);
    }

    private void group() {
        boolean narrow = set == InstructionSet.AVX2;
        for (int word = 0; word < 8; word++) {
            for (int block = 0; block < BLOCKS; block++) {
                Vector high = ymm(10 + block);
                a.vector(VMOVDQU, high, Memory.at(RSI, NibbleTranspose.WORDS_AT + 64 * word + 32 * block));
                a.vector(VPAND, ymm(8 + block), high, MASK);
                a.shiftRight16(high, high, 4);
                a.vector(VPAND, high, high, MASK);
            }
            boolean begins = narrow ? word % 4 == 0 : word == 0;
            for (int t = 0; t < tokens; t++) {
                a.vector(VPBROADCASTD, CODES, TokenRows.row(R11, t, 4 * word));
                for (int block = 0; block < BLOCKS; block++) {
                    product(sum(t, block), ymm(8 + block), begins);
                }
                a.vector(VPBROADCASTD, CODES, TokenRows.row(R11, t, 64 + 4 * word));
                for (int block = 0; block < BLOCKS; block++) {
                    product(sum(t, block), ymm(10 + block), false);
                }
            }
            if (narrow && word == 3) {
                for (int i = 0; i < BLOCKS * tokens; i++) {
                    a.vector(VPMADDWD, ymm(i), ymm(i), ONES);
                    a.vectorStore(VMOVDQU_STORE, Memory.at(RSP, 32 * i), ymm(i));
                }
            }
        }
        if (narrow) {
            for (int i = 0; i < BLOCKS * tokens; i++) {
                a.vector(VPMADDWD, ymm(i), ymm(i), ONES);
                a.vector(VPADDD, ymm(i), ymm(i), Memory.at(RSP, 32 * i));
            }
        }
        results();
    }

    private void product(Vector sum, Vector weights, boolean begins) {
        if (set != InstructionSet.AVX2) {
            if (begins) {
                a.vector(VPXOR, sum, sum, sum);
            }
            a.vector(VPDPBUSD, sum, weights, CODES);
        } else if (begins) {
            a.vector(VPMADDUBSW, sum, weights, CODES);
        } else {
            a.vector(VPMADDUBSW, PRODUCT, weights, CODES);
            a.vector(VPADDW, sum, sum, PRODUCT);
        }
    }

    /** Adds a group's sums, times scales and factors, and its biases to the results in memory. */
    private void results() {
        Vector result = PRODUCT;
        Vector sums = ymm(11);
        for (int t = 0; t < tokens; t++) {
            a.vector(VBROADCASTSS, CODES, TokenRows.row(RAX, t, 0));
            a.vector(VBROADCASTSS, sums, TokenRows.row(RBX, t, 0));
            for (int block = 0; block < BLOCKS; block++) {
                Memory out = Memory.at(R8, 32 * (BLOCKS * t + block));
                Vector sum = sum(t, block);
                a.vector(VCVTDQ2PS, sum, sum);
                a.vector(VMULPS, sum, sum, CODES);
                a.vector(VMOVUPS, result, out);
                a.vector(VFMADD231PS, result, sum, Memory.at(RSI, 32 * block));
                a.vector(VFMADD231PS, result, sums, Memory.at(RSI, NibbleTranspose.BIASES_AT + 32 * block));
                a.vectorStore(VMOVUPS_STORE, out, result);
            }
        }
    }

    /** Moves the arguments on by some rows of x and jumps back while there are more. */
    static void nextTokens(X86Assembler a, int tokens, X86Assembler.Label goal) {
        int[] moving = {Arguments.CODES, Arguments.CODE_SCALES, Arguments.CODE_SUMS};
        a.load(R9, Memory.at(RDI, Arguments.TOKEN_STRIDE));
        for (int argument : moving) {
            a.load(R10, Memory.at(RDI, argument));
            for (int t = 0; t < tokens; t++) {
                a.add(R10, R9);
            }
            a.store(Memory.at(RDI, argument), R10);
        }
        a.load(R10, Memory.at(RDI, Arguments.TOKENS));
        a.subtract(R10, tokens);
        a.store(Memory.at(RDI, Arguments.TOKENS), R10);
        a.jump(X86Assembler.Condition.NOT_EQUAL, goal);
    }
}
