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

import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.tensor.DType;

/**
 * Turns 16 weight rows so that the same columns of all rows lie side by side, for the tile kernels.
 *
 * <p>For each group of columns come out 16 scales and 16 biases as floats, then 32-bit words of every row: eight columns
 * of 4-bit codes, low halves 0 2 4 6 and high halves 1 3 5 7, or four columns of 8-bit codes. Eight rows of eight words
 * are turned at a time, in three rounds of exchanging words, pairs and halves. What comes out stays in the second-level
 * cache and serves all rows of x.
 */
final class WeightTranspose {
    /** Rows that are turned together. */
    static final int ROWS = 16;

    static final int BIASES_AT = 64;
    static final int WORDS_AT = 128;
    private static final int WORD_BYTES = 4 * ROWS;
    private static final int PIECE_WORDS = 8;

    private WeightTranspose() {}

    /** Words of a row in a group. */
    static int groupWords(CodeForm form) {
        return form.groupSize() * form.bits() / 32;
    }

    /** Bytes of one group of {@link #ROWS} rows. */
    static int groupBytes(CodeForm form) {
        return WORDS_AT + WORD_BYTES * groupWords(form);
    }

    /** Emits the kernel: 16 rows from {@code VALUES} and so on to {@code TILES}. */
    static void emit(X86Assembler a, CallingConvention convention, CodeForm form, DType type) {
        convention.enter(a, 64);
        Memory least = Memory.at(RSP, 0);
        for (int i = 0; i < 4; i++) {
            a.set(RAX, ScaleCode.LEAST);
            a.store32(least.plus(4 * i), RAX);
        }
        ScaleCode scales = new ScaleCode(a, type, least);
        TokenRows.prepare(a, Arguments.VALUE_STRIDE, 8);
        a.load(R8, Memory.at(RDI, Arguments.TILES));
        for (int half = 0; half < 2; half++) {
            X86Assembler.Label block = a.label();
            a.load(RSI, Memory.at(RDI, Arguments.VALUES));
            a.load(RDX, Memory.at(RDI, Arguments.SCALES));
            a.load(RCX, Memory.at(RDI, Arguments.BIASES));
            a.load(R10, Memory.at(RDI, Arguments.BLOCKS));
            a.move(R9, R8);
            a.place(block);
            block(a, form, scales, 32 * half);
            a.add(RSI, form.blockBytes());
            a.add(RDX, scales.sizeBytes() * form.blockGroups());
            a.add(RCX, scales.sizeBytes() * form.blockGroups());
            a.add(R9, groupBytes(form) * form.blockGroups());
            a.subtract(R10, 1);
            a.jump(X86Assembler.Condition.NOT_EQUAL, block);
            if (half == 0) {
                eightRowsOn(a, Arguments.VALUES, Arguments.VALUE_STRIDE);
                eightRowsOn(a, Arguments.SCALES, Arguments.SCALE_STRIDE);
                eightRowsOn(a, Arguments.BIASES, Arguments.BIAS_STRIDE);
            }
        }
        convention.leave(a);
    }

    /** 64 columns of eight rows, whose lanes begin at {@code at}. */
    private static void block(X86Assembler a, CodeForm form, ScaleCode scales, int at) {
        for (int piece = 0; piece < form.blockBytes() / 32; piece++) {
            words(a, form, piece, at);
        }
        for (int group = 0; group < form.blockGroups(); group++) {
            int to = groupBytes(form) * group + at;
            numbers(a, scales, RDX, Arguments.SCALE_STRIDE, group, to);
            if (form.isBiased()) {
                numbers(a, scales, RCX, Arguments.BIAS_STRIDE, group, to + BIASES_AT);
            }
        }
    }

    private static void eightRowsOn(X86Assembler a, int argument, int strideArgument) {
        a.load(RAX, Memory.at(RDI, strideArgument));
        a.load(RBX, Memory.at(RDI, argument));
        a.lea(RBX, Memory.at(RBX, RAX, 8, 0));
        a.store(Memory.at(RDI, argument), RBX);
    }

    private static void words(X86Assembler a, CodeForm form, int piece, int at) {
        for (int row = 0; row < 8; row++) {
            a.vector(VMOVDQU, ymm(row), TokenRows.row(RSI, row, 32 * piece));
        }
        // Words of neighbouring rows side by side: 8 to 15 hold rows 01, 01, 23, 23, 45, 45, 67, 67.
        for (int pair = 0; pair < 4; pair++) {
            a.vector(VPUNPCKLDQ, ymm(8 + 2 * pair), ymm(2 * pair), ymm(2 * pair + 1));
            a.vector(VPUNPCKHDQ, ymm(9 + 2 * pair), ymm(2 * pair), ymm(2 * pair + 1));
        }
        // Of four rows: 0 to 3 hold words 0|4, 1|5, 2|6, 3|7 of rows 0 to 3, 4 to 7 those of rows 4 to 7.
        for (int four = 0; four < 2; four++) {
            for (int i = 0; i < 2; i++) {
                a.vector(VPUNPCKLQDQ, ymm(4 * four + 2 * i), ymm(8 + 4 * four + i), ymm(10 + 4 * four + i));
                a.vector(VPUNPCKHQDQ, ymm(4 * four + 2 * i + 1), ymm(8 + 4 * four + i), ymm(10 + 4 * four + i));
            }
        }
        for (int word = 0; word < 4; word++) {
            a.vector(VPERM2I128, ymm(8), ymm(word), ymm(4 + word), 0x20);
            a.vectorStore(VMOVDQU_STORE, word(form, PIECE_WORDS * piece + word).plus(at), ymm(8));
            a.vector(VPERM2I128, ymm(9), ymm(word), ymm(4 + word), 0x31);
            a.vectorStore(
                    VMOVDQU_STORE, word(form, PIECE_WORDS * piece + word + 4).plus(at), ymm(9));
        }
    }

    /** Where a word of the block goes. */
    private static Memory word(CodeForm form, int word) {
        int group = word / groupWords(form);
        return Memory.at(R9, groupBytes(form) * group + WORDS_AT + WORD_BYTES * (word % groupWords(form)));
    }

    /** The scales or biases of eight rows. */
    private static void numbers(X86Assembler a, ScaleCode scales, General base, int strideArgument, int group, int at) {
        a.load(R11, Memory.at(RDI, strideArgument));
        a.move(RBX, base);
        for (int row = 0; row < 8; row++) {
            scales.one(xmm(0), Memory.at(RBX, group * scales.sizeBytes()), RAX);
            a.vectorStore(VMOVSS_STORE, Memory.at(R9, at + 4 * row), xmm(0));
            if (row < 7) {
                a.add(RBX, R11);
            }
        }
    }
}
