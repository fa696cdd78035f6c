package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R9;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.zmm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * As {@link NibbleTiles} with 512-bit vectors: a tile of 32 weight rows, or 16, times 6 rows of x. All sums and results
 * fit into the 32 registers, and VPDPBUSD reads four codes of x for all lanes by itself.
 */
final class NibbleTiles512 {
    /** Rows of x in a tile. */
    static final int TOKENS = 6;

    private static final Vector MASK = zmm(31);
    private static final Vector SCALED = zmm(30);

    private final X86Assembler a;
    private final int blocks;
    private final int tokens;

    private NibbleTiles512(X86Assembler a, int blocks, int tokens) {
        this.a = a;
        this.blocks = blocks;
        this.tokens = tokens;
    }

    /**
     * Emits the kernel for one or two blocks of 16 turned rows that lie behind each other; {@code TOKENS} rows of x, a
     * multiple of {@code tokens}; results at {@code OUT} as {@code [rows of x, 16 · blocks]}.
     */
    static void emit(X86Assembler a, CallingConvention convention, int blocks, int tokens) {
        new NibbleTiles512(a, blocks, tokens).emit(convention);
    }

    private Vector sum(int t, int block) {
        return zmm(blocks * t + block);
    }

    private Vector result(int t, int block) {
        return zmm(12 + blocks * t + block);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 0);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        a.set(RAX, 0x0F0F0F0F);
        a.vector(VMOVD, Vector.xmm(0), RAX);
        a.vector(VPBROADCASTD, MASK, Vector.xmm(0));
        X86Assembler.Label tile = a.label();
        X86Assembler.Label group = a.label();
        a.place(tile);
        a.load(RSI, Memory.at(RDI, Arguments.TILES));
        a.load(R11, Memory.at(RDI, Arguments.CODES));
        a.load(RAX, Memory.at(RDI, Arguments.CODE_SCALES));
        a.load(RBX, Memory.at(RDI, Arguments.CODE_SUMS));
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
        secondBlock();
        for (int t = 0; t < tokens; t++) {
            for (int block = 0; block < blocks; block++) {
                a.vector(VPXOR, result(t, block), result(t, block), result(t, block));
            }
        }
        a.set(R9, 32);
        a.place(group);
        group();
        a.add(RSI, NibbleTranspose.GROUP_BYTES);
        a.add(RDX, NibbleTranspose.GROUP_BYTES);
        a.add(R11, R9);
        a.xor(R9, 32 ^ 96);
        a.add(RAX, 4);
        a.add(RBX, 4);
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, group);
        for (int t = 0; t < tokens; t++) {
            for (int block = 0; block < blocks; block++) {
                a.vectorStore(VMOVUPS_STORE, Memory.at(R8, 64 * (blocks * t + block)), result(t, block));
            }
        }
        a.add(R8, 64 * blocks * tokens);
        NibbleTiles.nextTokens(a, tokens, tile);
        convention.leave(a);
    }

    /** RDX = RSI + groups · 640, as 5 · 128 · groups. */
    private void secondBlock() {
        a.lea(RDX, Memory.at(R10, R10, 4, 0));
        for (int doubled = 0; doubled < 7; doubled++) {
            a.add(RDX, RDX);
        }
        a.add(RDX, RSI);
    }

    private void group() {
        for (int t = 0; t < tokens; t++) {
            for (int block = 0; block < blocks; block++) {
                a.vector(VPXOR, sum(t, block), sum(t, block), sum(t, block));
            }
        }
        for (int word = 0; word < 8; word++) {
            for (int block = 0; block < blocks; block++) {
                Vector high = zmm(28 + block);
                Vector low = zmm(26 + block);
                a.vector(VMOVDQU, high, block(block, NibbleTranspose.WORDS_AT + 64 * word));
                a.vector(VPAND, low, high, MASK);
                a.shiftRight16(high, high, 4);
                a.vector(VPAND, high, high, MASK);
            }
            for (int t = 0; t < tokens; t++) {
                for (int half = 0; half < 2; half++) {
                    Memory codes = TokenRows.row(R11, t, 4 * word + 64 * half).broadcasted();
                    for (int block = 0; block < blocks; block++) {
                        a.vector(VPDPBUSD, sum(t, block), zmm(26 + 2 * half + block), codes);
                    }
                }
            }
        }
        for (int block = 0; block < blocks; block++) {
            Vector scales = zmm(26);
            Vector biases = zmm(27);
            a.vector(VMOVUPS, scales, block(block, 0));
            a.vector(VMOVUPS, biases, block(block, NibbleTranspose.BIASES_AT));
            for (int t = 0; t < tokens; t++) {
                Vector sum = sum(t, block);
                a.vector(VCVTDQ2PS, sum, sum);
                a.vector(VMULPS, SCALED, scales, TokenRows.row(RAX, t, 0).broadcasted());
                a.vector(VFMADD231PS, result(t, block), sum, SCALED);
                a.vector(
                        VFMADD231PS,
                        result(t, block),
                        biases,
                        TokenRows.row(RBX, t, 0).broadcasted());
            }
        }
    }

    private static Memory block(int block, int at) {
        return Memory.at(block == 0 ? RSI : RDX, at);
    }
}
