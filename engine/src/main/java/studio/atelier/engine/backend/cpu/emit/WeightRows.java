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
 * Weight rows times one to eight rows of x, with 256-bit vectors, by the formula of {@link CodeForm}.
 *
 * <p>Of 4-bit codes 32 bytes hold 64 columns; their low halves are the even columns, their high halves the odd ones, and
 * so the codes of x lie even columns first ({@code Activations} says how). One VPMADDUBSW adds two products into 16
 * bits, {@code 2 · 24 · 127}, two of them still fit; VPMADDWD by ones brings them to 32 bits. VPDPBUSD does all that.
 *
 * <p>Of 8-bit codes 32 bytes hold 32 columns. Two products of those do not fit into 16 bits. Without VPDPBUSD their
 * distance from the middle is taken instead, −128 to 127; its sign goes over to x, and {@code 2 · 128 · 127} fits.
 *
 * <p>Scales are multiplied with x's factors for eight groups at a time. What is left of a row goes by pairs of pieces
 * and then by one, because nothing behind a row may be read.
 */
final class WeightRows {
    /** How far ahead of their use weights are asked for. */
    static final int PREFETCH_BYTES = 8192;

    private static final int GROUPS = 8;
    private static final int PIECE_BYTES = 32;

    private static final Vector LOW = ymm(8);
    private static final Vector HIGH = ymm(9);
    private static final Vector SUM = ymm(10);
    private static final Vector FACTOR = ymm(11);
    private static final Vector MASK = ymm(12);
    private static final Vector ONES = ymm(13);
    /** Scales and biases, until factors are made of them. */
    private static final Vector SCALE = ymm(14);

    private static final Vector BIAS = ymm(15);

    private final X86Assembler a;
    private final InstructionSet set;
    private final CodeForm form;
    private final ScaleCode scales;
    private final int tokens;
    private final CarriedSums carried;
    /** Groups whose weights are computed with together. */
    private final int pieceGroups;

    private final int pieceBytes;
    private final boolean byDistance;
    private final Memory middle;
    private final Memory table;
    private final int patternsAt;

    private WeightRows(X86Assembler a, InstructionSet set, CodeForm form, DType type, int tokens) {
        this.a = a;
        this.set = set;
        this.form = form;
        this.tokens = tokens;
        this.carried = new CarriedSums(a, tokens, 256);
        // Behind the factors of each row of x.
        Memory least = Memory.at(RSP, 32 * tokens);
        this.scales = new ScaleCode(a, type, least);
        this.middle = least.plus(32);
        this.table = least.plus(64);
        this.patternsAt = 32 * tokens + 96;
        this.pieceGroups = form.bits() == 8 ? 1 : form.blockGroups();
        this.pieceBytes = form.blockBytes() / form.blockGroups() * pieceGroups;
        this.byDistance = set == InstructionSet.AVX2 && form.bits() == 8;
    }

    /** Emits the kernel; results lie at {@code OUT} as {@code [tokens, rows]}. */
    static void emit(
            X86Assembler a, CallingConvention convention, InstructionSet set, CodeForm form, DType type, int tokens) {
        new WeightRows(a, set, form, type, tokens).emit(convention);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, patternsAt + 32 * GROUPS / 2);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        constants();
        X86Assembler.Label row = a.label();
        a.place(row);
        loadRow(a);
        carried.begin();
        groups();
        X86Assembler.Label left = a.label();
        carried.leave(left);
        a.load(R9, Memory.at(RDI, Arguments.OUT));
        for (int t = 0; t < tokens; t++) {
            storeSum(t);
            a.add(R9, Memory.at(RDI, Arguments.OUT_STRIDE));
        }
        a.place(left);
        nextRow(a, row);
        convention.leave(a);
    }

    /** Points the registers at a row of the weight and the first row of x. */
    static void loadRow(X86Assembler a) {
        a.load(RSI, Memory.at(RDI, Arguments.VALUES));
        a.load(RDX, Memory.at(RDI, Arguments.SCALES));
        a.load(RCX, Memory.at(RDI, Arguments.BIASES));
        a.load(R11, Memory.at(RDI, Arguments.CODES));
        a.load(RAX, Memory.at(RDI, Arguments.CODE_SCALES));
        a.load(RBX, Memory.at(RDI, Arguments.CODE_SUMS));
        a.load(R8, Memory.at(RDI, Arguments.CODE_STARTS));
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
    }

    private void constants() {
        broadcast(MASK, byDistance ? 0x80808080 : 0x0F0F0F0F);
        broadcast(ONES, 0x00010001);
        broadcast(SUM, ScaleCode.LEAST);
        a.vectorStore(VMOVDQU_STORE, Memory.at(RSP, 32 * tokens), SUM);
        broadcast(SUM, Float.floatToRawIntBits(form.middle()));
        a.vectorStore(VMOVDQU_STORE, middle, SUM);
        if (form.looksUp()) {
            for (int i = 0; i < 8; i++) {
                a.set(RAX, form.table(i % 4));
                a.store32(table.plus(4 * i), RAX);
            }
        }
        if (pieceGroups == 2) {
            for (int i = 0; i < 4 * GROUPS; i++) {
                a.set(RAX, i / 4);
                a.store32(Memory.at(RSP, patternsAt + 4 * i), RAX);
            }
        }
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
        a.compare(R10, GROUPS);
        a.jump(X86Assembler.Condition.BELOW, pairs);
        eightGroups();
        a.subtract(R10, GROUPS);
        a.jump(eight);
        a.place(pairs);
        a.place(pair);
        a.compare(R10, 2 * pieceGroups);
        a.jump(X86Assembler.Condition.BELOW, last);
        lonePiece(0);
        lonePiece(1);
        advance(a, form, scales, 2 * pieceGroups);
        a.subtract(R10, 2 * pieceGroups);
        a.jump(pair);
        a.place(last);
        a.test(R10);
        a.jump(X86Assembler.Condition.EQUAL, done);
        lonePiece(0);
        a.place(done);
    }

    private void eightGroups() {
        scales.each(SCALE, Memory.at(RDX, 0));
        if (form.isBiased()) {
            scales.each(BIAS, Memory.at(RCX, 0));
            a.vector(VFMADD231PS, BIAS, SCALE, middle);
        }
        for (int t = 0; t < tokens; t++) {
            a.vector(VMULPS, SUM, SCALE, TokenRows.row(RAX, t, 0));
            a.vectorStore(VMOVUPS_STORE, Memory.at(RSP, 32 * t), SUM);
            if (form.isBiased()) {
                a.vector(VFMADD231PS, ymm(t), BIAS, TokenRows.row(RBX, t, 0));
            }
            if (!byDistance) {
                a.vector(VCVTDQ2PS, FACTOR, TokenRows.row(R8, t, 0));
                a.vector(VFMADD231PS, ymm(t), SUM, FACTOR);
            }
        }
        carried.prefetchScales(form.isBiased(), scalePrefetchBytes(form, scales.sizeBytes()));
        for (int piece = 0; piece < GROUPS / pieceGroups; piece++) {
            if (pieceBytes * piece % 64 == 0) {
                a.prefetch(carried.ahead(PREFETCH_BYTES, pieceBytes * piece));
            }
            multiply(piece);
        }
        advance(a, form, scales, GROUPS);
    }

    /** Scales are asked for a little earlier than the weights they belong to. */
    static int scalePrefetchBytes(CodeForm form, int sizeBytes) {
        return PREFETCH_BYTES / (form.blockBytes() / form.blockGroups()) * 4 * sizeBytes;
    }

    /** A piece without the eight groups around it. */
    private void lonePiece(int piece) {
        Vector factor = SUM.as(128);
        Vector other = FACTOR.as(128);
        for (int group = piece * pieceGroups; group < (piece + 1) * pieceGroups; group++) {
            scales.one(SCALE, Memory.at(RDX, group * scales.sizeBytes()), R9);
            if (form.isBiased()) {
                scales.one(BIAS, Memory.at(RCX, group * scales.sizeBytes()), R9);
                a.vector(VFMADD231PS, BIAS.as(128), SCALE.as(128), middle);
            }
            for (int t = 0; t < tokens; t++) {
                a.vector(VMULSS, factor, SCALE.as(128), TokenRows.row(RAX, t, 4 * group));
                a.vectorStore(VMOVSS_STORE, Memory.at(RSP, 32 * t + 4 * group), factor);
                if (form.isBiased()) {
                    a.vector(VMULSS, other, BIAS.as(128), TokenRows.row(RBX, t, 4 * group));
                    a.vector(VADDPS, ymm(t), ymm(t), FACTOR);
                }
                if (!byDistance) {
                    a.vector(VMOVD, other, TokenRows.row(R8, t, 4 * group));
                    a.vector(VCVTDQ2PS, other, other);
                    a.vector(VMULSS, other, other, factor);
                    a.vector(VADDPS, ymm(t), ymm(t), FACTOR);
                }
            }
        }
        multiply(piece);
    }

    /** Adds the products of a piece, whose factors lie at {@code RSP}. */
    private void multiply(int piece) {
        unpack(piece);
        for (int t = 0; t < tokens; t++) {
            dot(t, piece);
            a.vector(VCVTDQ2PS, SUM, SUM);
            if (pieceGroups == 1) {
                a.vector(VBROADCASTSS, FACTOR, Memory.at(RSP, 32 * t + 4 * piece));
            } else {
                a.vector(VPERMPS, FACTOR, BIAS, Memory.at(RSP, 32 * t));
            }
            a.vector(VFMADD231PS, ymm(t), SUM, FACTOR);
        }
    }

    /** Leaves codes in {@link #LOW} and {@link #HIGH}, of 8 bits and 32 columns in the first alone. */
    private void unpack(int piece) {
        Memory weights = Memory.at(RSI, pieceBytes * piece);
        if (form.bits() == 8) {
            a.vector(VMOVDQU, LOW, weights);
            if (pieceBytes > PIECE_BYTES) {
                a.vector(VMOVDQU, HIGH, weights.plus(PIECE_BYTES));
            }
            if (byDistance) {
                distance(SCALE, LOW);
                distance(BIAS, HIGH);
            }
            return;
        }
        a.vector(VMOVDQU, HIGH, weights);
        a.vector(VPAND, LOW, HIGH, MASK);
        a.shiftRight16(HIGH, HIGH, 4);
        a.vector(VPAND, HIGH, HIGH, MASK);
        if (form.looksUp()) {
            a.vector(VMOVDQU, SCALE, table);
            a.vector(VPSHUFB, LOW, SCALE, LOW);
            a.vector(VPSHUFB, HIGH, SCALE, HIGH);
        }
        if (pieceGroups == 2) {
            a.vector(VMOVDQU, BIAS, Memory.at(RSP, patternsAt + 32 * piece));
        }
    }

    /** Distances from the middle, and how large they are in place of the codes. */
    private void distance(Vector distances, Vector codes) {
        a.vector(VPXOR, distances, codes, MASK);
        a.vector(VPABSB, codes, distances);
    }

    /** The exact sums of a piece in {@link #SUM}; {@link #FACTOR} is used on the way. */
    private void dot(int t, int piece) {
        boolean both = form.bits() == 4 || pieceBytes > PIECE_BYTES;
        int first = form.isInOrder() ? pieceBytes * piece : piece / 2 * 128 + piece % 2 * 32;
        int second = form.isInOrder() ? first + 32 : first + 64;
        if (set != InstructionSet.AVX2) {
            a.vector(VPXOR, SUM, SUM, SUM);
            a.vector(VPDPBUSD, SUM, LOW, TokenRows.row(R11, t, first));
            if (both) {
                a.vector(VPDPBUSD, SUM, HIGH, TokenRows.row(R11, t, second));
            }
        } else if (byDistance) {
            signed(SUM, LOW, SCALE, t, first);
            if (both) {
                signed(FACTOR, HIGH, BIAS, t, second);
                a.vector(VPADDD, SUM, SUM, FACTOR);
            }
        } else {
            a.vector(VPMADDUBSW, SUM, LOW, TokenRows.row(R11, t, first));
            a.vector(VPMADDUBSW, FACTOR, HIGH, TokenRows.row(R11, t, second));
            a.vector(VPADDW, SUM, SUM, FACTOR);
            a.vector(VPMADDWD, SUM, SUM, ONES);
        }
    }

    private void signed(Vector to, Vector sizes, Vector distances, int t, int codes) {
        a.vector(VMOVDQU, to, TokenRows.row(R11, t, codes));
        a.vector(VPSIGNB, to, to, distances);
        a.vector(VPMADDUBSW, to, sizes, to);
        a.vector(VPMADDWD, to, to, ONES);
    }

    /** Moves on by some groups, whose codes of x end with 128 bytes where even columns come first. */
    static void advance(X86Assembler a, CodeForm form, ScaleCode scales, int groups) {
        a.add(RSI, form.blockBytes() / form.blockGroups() * groups);
        a.add(RDX, scales.sizeBytes() * groups);
        a.add(R11, form.groupSize() * groups);
        a.add(RAX, 4 * groups);
        if (form.isBiased()) {
            a.add(RCX, scales.sizeBytes() * groups);
            a.add(RBX, 4 * groups);
        }
        a.add(R8, 4 * groups);
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

    /** Moves the arguments to the next row and jumps back while there is one. */
    static void nextRow(X86Assembler a, X86Assembler.Label row) {
        int[] moving = {Arguments.VALUES, Arguments.SCALES, Arguments.BIASES};
        int[] strides = {Arguments.VALUE_STRIDE, Arguments.SCALE_STRIDE, Arguments.BIAS_STRIDE};
        for (int i = 0; i < moving.length; i++) {
            a.load(R10, Memory.at(RDI, moving[i]));
            a.add(R10, Memory.at(RDI, strides[i]));
            a.store(Memory.at(RDI, moving[i]), R10);
        }
        a.load(R10, Memory.at(RDI, Arguments.OUT));
        a.add(R10, 4);
        a.store(Memory.at(RDI, Arguments.OUT), R10);
        a.load(R10, Memory.at(RDI, Arguments.ROWS));
        a.subtract(R10, 1);
        a.store(Memory.at(RDI, Arguments.ROWS), R10);
        a.jump(X86Assembler.Condition.NOT_EQUAL, row);
    }
}
