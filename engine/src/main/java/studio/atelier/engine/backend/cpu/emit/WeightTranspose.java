package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R12;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R9;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSP;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.xmm;
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.ymm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import java.util.function.IntFunction;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.tensor.DType;

/**
 * Turns 16 weight rows so that the same columns of all rows lie side by side, for the tile kernels.
 *
 * <p>For each group of columns come out 16 scales and 16 biases as floats, then 32-bit words of every row: eight columns
 * of 4-bit codes, low halves 0 2 4 6 and high halves 1 3 5 7, or four columns of 8-bit codes. Eight rows of eight words,
 * or of the scales of eight groups, are turned at a time, in three rounds of exchanging words, pairs and halves. What
 * comes out stays in the second-level cache and serves all rows of x; meanwhile the next rows come from memory.
 */
final class WeightTranspose {
    /** Rows that are turned together. */
    static final int ROWS = 16;

    static final int BIASES_AT = 64;
    static final int WORDS_AT = 128;
    private static final int WORD_BYTES = 4 * ROWS;
    /** Rows, and words of each, that are turned at a time: as many as a register has. */
    private static final int LANES = 8;

    /** Rows that are turned before those whose bytes are asked for: a tile kernel takes two blocks at most. */
    private static final int AHEAD_ROWS = 2 * ROWS;

    private static final int LINE = 64;

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
        for (int i = 0; i < LANES; i++) {
            a.set(RAX, ScaleCode.LEAST);
            a.store32(least.plus(4 * i), RAX);
        }
        ScaleCode scales = new ScaleCode(a, type, least);
        a.load(R8, Memory.at(RDI, Arguments.TILES));
        for (int half = 0; half < 2; half++) {
            int at = 4 * LANES * half;
            words(a, form, at);
            numbers(a, form, scales, Arguments.SCALES, Arguments.SCALE_STRIDE, at);
            if (form.isBiased()) {
                numbers(a, form, scales, Arguments.BIASES, Arguments.BIAS_STRIDE, at + BIASES_AT);
            }
            if (half == 0) {
                eightRowsOn(a, Arguments.VALUES, Arguments.VALUE_STRIDE);
                eightRowsOn(a, Arguments.SCALES, Arguments.SCALE_STRIDE);
                eightRowsOn(a, Arguments.BIASES, Arguments.BIAS_STRIDE);
            }
        }
        convention.leave(a);
    }

    private static void eightRowsOn(X86Assembler a, int argument, int strideArgument) {
        a.load(RAX, Memory.at(RDI, strideArgument));
        a.load(RBX, Memory.at(RDI, argument));
        a.lea(RBX, Memory.at(RBX, RAX, 8, 0));
        a.store(Memory.at(RDI, argument), RBX);
    }

    /** The words of eight rows, whose lanes begin at {@code at}. */
    private static void words(X86Assembler a, CodeForm form, int at) {
        X86Assembler.Label block = a.label();
        TokenRows.prepare(a, Arguments.VALUE_STRIDE, LANES);
        a.load(RSI, Memory.at(RDI, Arguments.VALUES));
        a.load(R10, Memory.at(RDI, Arguments.BLOCKS));
        a.move(R9, R8);
        a.move(RBX, R12);
        for (int doubled = 1; doubled < AHEAD_ROWS; doubled *= 2) {
            a.add(RBX, RBX);
        }
        a.add(RBX, RSI);
        a.place(block);
        // Rows lie behind each other as a rule: eight pieces of a row take as many lines as this piece of eight rows.
        for (int line = 0; line < LANES * form.blockBytes() / LINE; line++) {
            a.prefetch(Memory.at(RBX, LINE * line));
        }
        for (int piece = 0; piece < form.blockBytes() / 32; piece++) {
            for (int row = 0; row < LANES; row++) {
                a.vector(VMOVDQU, ymm(row), TokenRows.row(RSI, row, 32 * piece));
            }
            int first = LANES * piece;
            turn(a, i -> word(form, first + i).plus(at));
        }
        a.add(RBX, LANES * form.blockBytes());
        a.add(RSI, form.blockBytes());
        a.add(R9, groupBytes(form) * form.blockGroups());
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, block);
    }

    /** Where a word of a block goes. */
    private static Memory word(CodeForm form, int word) {
        int group = word / groupWords(form);
        return Memory.at(R9, groupBytes(form) * group + WORDS_AT + WORD_BYTES * (word % groupWords(form)));
    }

    /** The scales or biases of eight rows: of eight groups at a time, then one by one. */
    private static void numbers(
            X86Assembler a, CodeForm form, ScaleCode scales, int argument, int strideArgument, int at) {
        X86Assembler.Label eight = a.label();
        X86Assembler.Label one = a.label();
        X86Assembler.Label done = a.label();
        TokenRows.prepare(a, strideArgument, LANES);
        a.load(RDX, Memory.at(RDI, argument));
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
        a.move(R9, R8);
        a.place(eight);
        a.compare(R10, LANES);
        a.jump(X86Assembler.Condition.BELOW, one);
        for (int row = 0; row < LANES; row++) {
            scales.each(ymm(row), TokenRows.row(RDX, row, 0));
        }
        turn(a, i -> Memory.at(R9, groupBytes(form) * i + at));
        a.add(RDX, LANES * scales.sizeBytes());
        a.add(R9, LANES * groupBytes(form));
        a.subtract(R10, LANES);
        a.jump(eight);
        a.place(one);
        a.test(R10);
        a.jump(X86Assembler.Condition.EQUAL, done);
        for (int row = 0; row < LANES; row++) {
            scales.one(xmm(0), TokenRows.row(RDX, row, 0), RAX);
            a.vectorStore(VMOVSS_STORE, Memory.at(R9, at + 4 * row), xmm(0));
        }
        a.add(RDX, scales.sizeBytes());
        a.add(R9, groupBytes(form));
        a.subtract(R10, 1);
        a.jump(one);
        a.place(done);
    }

    /** Stores the i-th words of the registers 0 to 7 side by side at the i-th place. */
    private static void turn(X86Assembler a, IntFunction<Memory> places) {
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
            a.vectorStore(VMOVDQU_STORE, places.apply(word), ymm(8));
            a.vector(VPERM2I128, ymm(9), ymm(word), ymm(4 + word), 0x31);
            a.vectorStore(VMOVDQU_STORE, places.apply(word + 4), ymm(9));
        }
    }
}
