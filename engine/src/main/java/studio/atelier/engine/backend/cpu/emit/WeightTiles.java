package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R9;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RCX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSP;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.ymm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * Sixteen weight rows, turned by {@link WeightTranspose}, times many rows of x, with 256-bit vectors: the lanes are
 * weight rows, and a tile of 16 × 4 results stays in registers for half a group.
 *
 * <p>Four codes of x go to all lanes at once; VPMADDUBSW multiplies them with four columns of eight rows and leaves two
 * sums of 16 bits per row. Those of half a group fit into 16 bits, {@code 8 · 2 · 15 · 127 < 2^15} as {@code 4 · 2 · 24 ·
 * 127}; then VPMADDWD brings them to 32 bits. Whole numbers, hence exact, as in {@link WeightRows}; the same scales,
 * factors and sums turn them into results. With VPDPBUSD the sums have 32 bits from the start, and begin with what x
 * brings along; weights of 8 bits need it.
 */
final class WeightTiles {
    /** Rows of x in a tile. */
    static final int TOKENS = 4;

    private static final int BLOCKS = 2;
    private static final int LOW = 8;
    private static final int HIGH = 10;
    private static final Vector CODES = ymm(12);
    private static final Vector PRODUCT = ymm(13);
    private static final Vector MASK = ymm(14);
    private static final Vector ONES = ymm(15);

    private final X86Assembler a;
    private final CodeForm form;
    private final int tokens;
    private final boolean narrow;
    private final Memory table;
    private final Memory middle;

    private WeightTiles(X86Assembler a, InstructionSet set, CodeForm form, int tokens) {
        this.a = a;
        this.form = form;
        this.tokens = tokens;
        this.narrow = set == InstructionSet.AVX2;
        // Behind the sums of half a group.
        this.table = Memory.at(RSP, 32 * BLOCKS * tokens);
        this.middle = table.plus(32);
    }

    /** Whether there are such kernels: products of 8-bit codes do not fit into 16 bits. */
    static boolean exist(InstructionSet set, CodeForm form) {
        return set != InstructionSet.AVX2 || form.bits() == 4;
    }

    /**
     * Emits the kernel: {@code TOKENS} rows of x, a multiple of {@code tokens}; results at {@code OUT} as {@code [rows
     * of x, 16]}.
     */
    static void emit(X86Assembler a, CallingConvention convention, InstructionSet set, CodeForm form, int tokens) {
        new WeightTiles(a, set, form, tokens).emit(convention);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 32 * BLOCKS * tokens + 64);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        constants();
        X86Assembler.Label tile = a.label();
        X86Assembler.Label block = a.label();
        a.place(tile);
        loadTile(a);
        a.vector(VPXOR, CODES, CODES, CODES);
        for (int i = 0; i < BLOCKS * tokens; i++) {
            a.vectorStore(VMOVUPS_STORE, Memory.at(R8, 32 * i), CODES);
        }
        a.place(block);
        for (int group = 0; group < form.blockGroups(); group++) {
            group(group);
        }
        nextBlock(a, form, block);
        a.add(R8, 64 * tokens);
        nextTokens(a, tokens, tile);
        convention.leave(a);
    }

    /** Points the registers at the turned weights and some rows of x. */
    static void loadTile(X86Assembler a) {
        a.load(RSI, Memory.at(RDI, Arguments.TILES));
        a.load(R11, Memory.at(RDI, Arguments.CODES));
        a.load(RAX, Memory.at(RDI, Arguments.CODE_SCALES));
        a.load(RBX, Memory.at(RDI, Arguments.CODE_SUMS));
        a.load(RCX, Memory.at(RDI, Arguments.CODE_STARTS));
        a.load(R10, Memory.at(RDI, Arguments.BLOCKS));
        // Even codes of two blocks lie 32 bytes apart: R9 is how far it is to the next.
        a.set(R9, 32);
    }

    /** Moves these on by 64 columns and jumps back while there are more. */
    static void nextBlock(X86Assembler a, CodeForm form, X86Assembler.Label goal) {
        a.add(RSI, WeightTranspose.groupBytes(form) * form.blockGroups());
        if (form.isInOrder()) {
            a.add(R11, CodeForm.BLOCK);
        } else {
            a.add(R11, R9);
            a.xor(R9, 32 ^ 96);
        }
        a.add(RAX, 4 * form.blockGroups());
        a.add(RBX, 4 * form.blockGroups());
        a.add(RCX, 4 * form.blockGroups());
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, goal);
    }

    private void constants() {
        broadcast(MASK, Float.floatToRawIntBits(form.middle()));
        a.vectorStore(VMOVDQU_STORE, middle, MASK);
        broadcast(MASK, 0x0F0F0F0F);
        broadcast(ONES, 0x00010001);
        if (form.looksUp()) {
            for (int i = 0; i < 8; i++) {
                a.set(RAX, form.table(i % 4));
                a.store32(table.plus(4 * i), RAX);
            }
        }
    }

    private void broadcast(Vector to, int pattern) {
        a.set(RAX, pattern);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }

    private static Vector sum(int t, int block) {
        return ymm(2 * t + block);
    }

    private void group(int group) {
        int words = WeightTranspose.groupWords(form);
        for (int word = 0; word < words; word++) {
            for (int block = 0; block < BLOCKS; block++) {
                unpack(group, word, block);
            }
            boolean begins = narrow ? word % (words / 2) == 0 : word == 0;
            int codes = 4 * (words * group + word);
            for (int t = 0; t < tokens; t++) {
                if (begins && !narrow) {
                    for (int block = 0; block < BLOCKS; block++) {
                        a.vector(VPBROADCASTD, sum(t, block), TokenRows.row(RCX, t, 4 * group));
                    }
                }
                products(t, LOW, TokenRows.row(R11, t, codes), begins);
                if (form.bits() == 4) {
                    products(t, HIGH, TokenRows.row(R11, t, codes + 64), false);
                }
            }
            if (narrow && word == words / 2 - 1) {
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
                if (i % BLOCKS == 0) {
                    a.vector(VPBROADCASTD, CODES, TokenRows.row(RCX, i / BLOCKS, 4 * group));
                }
                a.vector(VPADDD, ymm(i), ymm(i), CODES);
            }
        }
        results(group);
    }

    private void unpack(int group, int word, int block) {
        Vector low = ymm(LOW + block);
        Vector high = ymm(HIGH + block);
        Memory weights = turned(group, WeightTranspose.WORDS_AT + 64 * word + 32 * block);
        if (form.bits() == 8) {
            a.vector(VMOVDQU, low, weights);
            return;
        }
        a.vector(VMOVDQU, high, weights);
        a.vector(VPAND, low, high, MASK);
        a.shiftRight16(high, high, 4);
        a.vector(VPAND, high, high, MASK);
        if (form.looksUp()) {
            a.vector(VMOVDQU, PRODUCT, table);
            a.vector(VPSHUFB, low, PRODUCT, low);
            a.vector(VPSHUFB, high, PRODUCT, high);
        }
    }

    private Memory turned(int group, int at) {
        return Memory.at(RSI, WeightTranspose.groupBytes(form) * group + at);
    }

    private void products(int t, int weights, Memory codes, boolean begins) {
        a.vector(VPBROADCASTD, CODES, codes);
        for (int block = 0; block < BLOCKS; block++) {
            Vector sum = sum(t, block);
            Vector four = ymm(weights + block);
            if (!narrow) {
                a.vector(VPDPBUSD, sum, four, CODES);
            } else if (begins) {
                a.vector(VPMADDUBSW, sum, four, CODES);
            } else {
                a.vector(VPMADDUBSW, PRODUCT, four, CODES);
                a.vector(VPADDW, sum, sum, PRODUCT);
            }
        }
    }

    /** Adds a group's sums, times scales and factors, and its biases to the results in memory. */
    private void results(int group) {
        Vector result = PRODUCT;
        Vector sums = ymm(11);
        if (form.isBiased()) {
            for (int block = 0; block < BLOCKS; block++) {
                a.vector(VMOVUPS, ymm(LOW + block), turned(group, WeightTranspose.BIASES_AT + 32 * block));
                a.vector(VMOVUPS, result, turned(group, 32 * block));
                a.vector(VFMADD231PS, ymm(LOW + block), result, middle);
            }
        }
        for (int t = 0; t < tokens; t++) {
            a.vector(VBROADCASTSS, CODES, TokenRows.row(RAX, t, 4 * group));
            if (form.isBiased()) {
                a.vector(VBROADCASTSS, sums, TokenRows.row(RBX, t, 4 * group));
            }
            for (int block = 0; block < BLOCKS; block++) {
                Memory out = Memory.at(R8, 32 * (BLOCKS * t + block));
                Vector sum = sum(t, block);
                a.vector(VCVTDQ2PS, sum, sum);
                a.vector(VMULPS, sum, sum, CODES);
                a.vector(VMOVUPS, result, out);
                a.vector(VFMADD231PS, result, sum, turned(group, 32 * block));
                if (form.isBiased()) {
                    a.vector(VFMADD231PS, result, sums, ymm(LOW + block));
                }
                a.vectorStore(VMOVUPS_STORE, out, result);
            }
        }
    }

    /** Moves the arguments on by some rows of x and jumps back while there are more. */
    static void nextTokens(X86Assembler a, int tokens, X86Assembler.Label goal) {
        int[] moving = {Arguments.CODES, Arguments.CODE_SCALES, Arguments.CODE_SUMS, Arguments.CODE_STARTS};
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
