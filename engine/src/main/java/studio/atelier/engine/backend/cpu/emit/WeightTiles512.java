package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
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

/**
 * As {@link WeightTiles} with 512-bit vectors: a tile of 32 weight rows, or 16, times 6 rows of x. All sums and results
 * fit into the 32 registers, and VPDPBUSD reads four codes of x for all lanes by itself.
 */
final class WeightTiles512 {
    /** Rows of x in a tile. */
    static final int TOKENS = 6;

    private static final Vector MASK = zmm(31);
    private static final Vector SCALED = zmm(30);
    private static final Vector TABLE = zmm(24);
    private static final int LOW = 26;
    private static final int HIGH = 28;

    private final X86Assembler a;
    private final CodeForm form;
    private final int blocks;
    private final int tokens;

    private WeightTiles512(X86Assembler a, CodeForm form, int blocks, int tokens) {
        this.a = a;
        this.form = form;
        this.blocks = blocks;
        this.tokens = tokens;
    }

    /**
     * Emits the kernel for one or two blocks of 16 turned rows that lie behind each other; {@code TOKENS} rows of x, a
     * multiple of {@code tokens}; results at {@code OUT} as {@code [rows of x, 16 · blocks]}.
     */
    static void emit(X86Assembler a, CallingConvention convention, CodeForm form, int blocks, int tokens) {
        new WeightTiles512(a, form, blocks, tokens).emit(convention);
    }

    private Vector sum(int t, int block) {
        return zmm(blocks * t + block);
    }

    private Vector result(int t, int block) {
        return zmm(12 + blocks * t + block);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 64);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        constants();
        X86Assembler.Label tile = a.label();
        X86Assembler.Label block = a.label();
        a.place(tile);
        WeightTiles.loadTile(a);
        a.move(RDX, RSI);
        a.add(RDX, Memory.at(RDI, Arguments.TILE_STRIDE));
        for (int t = 0; t < tokens; t++) {
            for (int half = 0; half < blocks; half++) {
                a.vector(VPXOR, result(t, half), result(t, half), result(t, half));
            }
        }
        a.place(block);
        for (int group = 0; group < form.blockGroups(); group++) {
            group(group);
        }
        a.add(RDX, WeightTranspose.groupBytes(form) * form.blockGroups());
        WeightTiles.nextBlock(a, form, block);
        for (int t = 0; t < tokens; t++) {
            for (int half = 0; half < blocks; half++) {
                a.vectorStore(VMOVUPS_STORE, Memory.at(R8, 64 * (blocks * t + half)), result(t, half));
            }
        }
        a.add(R8, 64 * blocks * tokens);
        WeightTiles.nextTokens(a, tokens, tile);
        convention.leave(a);
    }

    private void constants() {
        if (form.looksUp()) {
            for (int i = 0; i < 16; i++) {
                a.set(RAX, form.table(i % 4));
                a.store32(Memory.at(RSP, 4 * i), RAX);
            }
            a.vector(VMOVDQU, TABLE, Memory.at(RSP, 0));
        }
        a.set(RAX, 0x0F0F0F0F);
        a.vector(VMOVD, Vector.xmm(0), RAX);
        a.vector(VPBROADCASTD, MASK, Vector.xmm(0));
        a.set(RAX, Float.floatToRawIntBits(form.middle()));
        a.store32(Memory.at(RSP, 0), RAX);
    }

    private void group(int group) {
        for (int t = 0; t < tokens; t++) {
            for (int block = 0; block < blocks; block++) {
                a.vector(VPBROADCASTD, sum(t, block), TokenRows.row(RCX, t, 4 * group));
            }
        }
        int words = WeightTranspose.groupWords(form);
        for (int word = 0; word < words; word++) {
            for (int block = 0; block < blocks; block++) {
                unpack(group, word, block);
            }
            int codes = 4 * (words * group + word);
            for (int t = 0; t < tokens; t++) {
                products(t, LOW, TokenRows.row(R11, t, codes));
                if (form.bits() == 4) {
                    products(t, HIGH, TokenRows.row(R11, t, codes + 64));
                }
            }
        }
        results(group);
    }

    private void unpack(int group, int word, int block) {
        Vector low = zmm(LOW + block);
        Vector high = zmm(HIGH + block);
        Memory weights = block(block, group, WeightTranspose.WORDS_AT + 64 * word);
        if (form.bits() == 8) {
            a.vector(VMOVDQU, low, weights);
            return;
        }
        a.vector(VMOVDQU, high, weights);
        a.vector(VPAND, low, high, MASK);
        a.shiftRight16(high, high, 4);
        a.vector(VPAND, high, high, MASK);
        if (form.looksUp()) {
            a.vector(VPSHUFB, low, TABLE, low);
            a.vector(VPSHUFB, high, TABLE, high);
        }
    }

    private void products(int t, int weights, Memory codes) {
        for (int block = 0; block < blocks; block++) {
            a.vector(VPDPBUSD, sum(t, block), zmm(weights + block), codes.broadcasted());
        }
    }

    /** Adds a group's sums, times scales and factors, and its biases. */
    private void results(int group) {
        for (int block = 0; block < blocks; block++) {
            Vector scales = zmm(LOW);
            Vector biases = zmm(LOW + 1);
            a.vector(VMOVUPS, scales, block(block, group, 0));
            if (form.isBiased()) {
                a.vector(VMOVUPS, biases, block(block, group, WeightTranspose.BIASES_AT));
                a.vector(VFMADD231PS, biases, scales, Memory.at(RSP, 0).broadcasted());
            }
            for (int t = 0; t < tokens; t++) {
                Vector sum = sum(t, block);
                a.vector(VCVTDQ2PS, sum, sum);
                Memory factor = TokenRows.row(RAX, t, 4 * group);
                a.vector(VMULPS, SCALED, scales, factor.broadcasted());
                a.vector(VFMADD231PS, result(t, block), sum, SCALED);
                if (form.isBiased()) {
                    Memory m = TokenRows.row(RBX, t, 4 * group);
                    a.vector(VFMADD231PS, result(t, block), biases, m.broadcasted());
                }
            }
        }
    }

    private Memory block(int block, int group, int at) {
        return Memory.at(block == 0 ? RSI : RDX, WeightTranspose.groupBytes(form) * group + at);
    }
}
