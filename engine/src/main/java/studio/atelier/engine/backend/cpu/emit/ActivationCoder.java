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
 * Codes blocks of 64 floats as bytes, with one factor, the sum and the start of whole-number sums for each group: what
 * {@code Activations} describes.
 *
 * <p>The largest absolute value gives the factor; below {@value #SMALLEST} both factor and codes are 0. The sum times 0
 * is added to the factor: nothing for numbers, NaN when one of them is not finite. Codes are packed from 32 to 8 bits;
 * VPACKSSDW and VPACKSSWB work on halves of a register. Where codes go in the order of columns VPERMD puts fours of them
 * back in order; where even columns come first, the unpacking of words at the end does.
 */
final class ActivationCoder {
    private static final float SMALLEST = 1e-36f;
    private static final int NOT_LESS = 5;

    private static final Vector LARGEST = ymm(8);
    private static final Vector SUM = ymm(9);
    private static final Vector SCRATCH = ymm(10);
    private static final Vector ABSOLUTE = ymm(11);
    private static final Vector ORDER = ymm(12);
    private static final Vector FULL = ymm(13);
    private static final Vector LIMIT = ymm(14);
    private static final Vector INVERSE = ymm(15);
    /** Sum of codes; the register of the floats' sum, which is written by then. */
    private static final Vector CODES = SUM;

    /** Constants in memory: what the largest is divided by, and what the sum of codes is multiplied by. */
    private static final Memory STEPS = Memory.at(RSP, 32);

    private static final Memory MIDDLE = Memory.at(RSP, 48);

    /** Vectors of eight floats in a block. */
    private static final int VECTORS = 8;

    private final X86Assembler a;
    private final CodeForm form;

    private ActivationCoder(X86Assembler a, CodeForm form) {
        this.a = a;
        this.form = form;
    }

    /** Emits the kernel: {@code BLOCKS} blocks from {@code VALUES}; {@code ROWS} bytes to the second block's codes. */
    static void emit(X86Assembler a, CallingConvention convention, CodeForm form) {
        new ActivationCoder(a, form).emit(convention);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 64);
        constant(ABSOLUTE, 0x7FFFFFFF);
        constant(FULL, Float.floatToRawIntBits(127));
        constant(LIMIT, Float.floatToRawIntBits(SMALLEST));
        constant(ORDER, Float.floatToRawIntBits(127 / form.unit()));
        a.vectorStore(VMOVUPS_STORE, STEPS, ORDER.as(128));
        // Words: a sum of codes times this in the lower, its sign times nothing in the upper.
        constant(ORDER, -form.middle() & 0xFFFF);
        a.vectorStore(VMOVUPS_STORE, MIDDLE, ORDER.as(128));
        int[] order = form.isInOrder()
                ? new int[] {0, 4, 1, 5, 2, 6, 3, 7}
                : new int[] {0x06040200, 0x0E0C0A08, 0x07050301, 0x0F0D0B09};
        for (int i = 0; i < 8; i++) {
            a.set(RAX, order[i % order.length]);
            a.store32(Memory.at(RSP, 4 * i), RAX);
        }
        a.vector(VMOVDQU, ORDER, Memory.at(RSP, 0));
        a.load(RSI, Memory.at(RDI, Arguments.VALUES));
        a.load(R11, Memory.at(RDI, Arguments.CODES));
        a.load(RAX, Memory.at(RDI, Arguments.CODE_SCALES));
        a.load(RBX, Memory.at(RDI, Arguments.CODE_SUMS));
        a.load(R8, Memory.at(RDI, Arguments.CODE_STARTS));
        a.load(R9, Memory.at(RDI, Arguments.ROWS));
        a.load(R10, Memory.at(RDI, Arguments.BLOCKS));
        X86Assembler.Label block = a.label();
        a.place(block);
        for (int i = 0; i < VECTORS; i++) {
            a.vector(VMOVUPS, ymm(i), Memory.at(RSI, 32 * i));
        }
        for (int group = 0; group < form.blockGroups(); group++) {
            group(group);
        }
        a.add(RSI, 4 * CodeForm.BLOCK);
        a.add(R11, R9);
        if (!form.isInOrder()) {
            a.xor(R9, 32 ^ 96);
        }
        a.add(RAX, 4 * form.blockGroups());
        a.add(RBX, 4 * form.blockGroups());
        a.add(R8, 4 * form.blockGroups());
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, block);
        convention.leave(a);
    }

    private void constant(Vector to, int bits) {
        a.set(RAX, bits);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }

    private void group(int group) {
        int count = VECTORS / form.blockGroups();
        int first = group * count;
        measure(group, first, count);
        for (int i = first; i < first + count; i += 4) {
            codes(i, i == first);
        }
        Vector codes = CODES.as(128);
        Vector scratch = SCRATCH.as(128);
        a.extractUpper(scratch, CODES);
        a.vector(VPADDD, codes, codes, scratch);
        a.vector(VMOVHLPS, scratch, codes, codes);
        a.vector(VPADDD, codes, codes, scratch);
        a.vector(VMOVSHDUP, scratch, codes);
        a.vector(VPADDD, codes, codes, scratch);
        a.vector(VPMADDWD, codes, codes, MIDDLE);
        a.vectorStore(VMOVSS_STORE, Memory.at(R8, 4 * group), codes);
    }

    /** Writes the factor and sum of a group, leaves the inverse factor in all lanes. */
    private void measure(int group, int first, int count) {
        a.vector(VADDPS, SUM, ymm(first), ymm(first + 1));
        a.vector(VANDPS, LARGEST, ABSOLUTE, ymm(first));
        for (int i = 1; i < count; i++) {
            if (i > 1) {
                a.vector(VADDPS, SUM, SUM, ymm(first + i));
            }
            a.vector(VANDPS, SCRATCH, ABSOLUTE, ymm(first + i));
            a.vector(VMAXPS, LARGEST, LARGEST, SCRATCH);
        }
        Vector sum = SUM.as(128);
        Vector largest = LARGEST.as(128);
        Vector scratch = SCRATCH.as(128);
        a.extractUpper(scratch, SUM);
        a.vector(VADDPS, sum, sum, scratch);
        WeightRows.sumOfFour(a, sum, scratch);
        a.extractUpper(scratch, LARGEST);
        a.vector(VMAXPS, largest, largest, scratch);
        a.vector(VMOVHLPS, scratch, largest, largest);
        a.vector(VMAXPS, largest, largest, scratch);
        a.vector(VMOVSHDUP, scratch, largest);
        a.vector(VMAXPS, largest, largest, scratch);
        Vector inverse = INVERSE.as(128);
        // All ones where the largest is not below the limit.
        a.vector(VCMPPS, scratch, largest, LIMIT.as(128), NOT_LESS);
        a.vector(VDIVPS, inverse, FULL.as(128), largest);
        a.vector(VANDPS, inverse, inverse, scratch);
        a.vector(VDIVPS, largest, largest, STEPS);
        a.vector(VANDPS, largest, largest, scratch);
        a.vector(VPXOR, scratch, scratch, scratch);
        a.vector(VMULSS, scratch, scratch, sum);
        a.vector(VADDSS, largest, largest, scratch);
        a.vectorStore(VMOVSS_STORE, Memory.at(RAX, 4 * group), largest);
        a.vectorStore(VMOVSS_STORE, Memory.at(RBX, 4 * group), sum);
        a.vector(VBROADCASTSS, INVERSE, inverse);
    }

    /** Codes of the 32 columns in four registers from {@code first} on; adds them up. */
    private void codes(int first, boolean begins) {
        for (int i = first; i < first + 4; i++) {
            a.vector(VMULPS, ymm(i), ymm(i), INVERSE);
            a.vector(VCVTPS2DQ, ymm(i), ymm(i));
        }
        a.vector(VPADDD, SCRATCH, ymm(first), ymm(first + 1));
        if (begins) {
            a.vector(VPADDD, CODES, ymm(first + 2), ymm(first + 3));
        } else {
            a.vector(VPADDD, CODES, CODES, ymm(first + 2));
            a.vector(VPADDD, CODES, CODES, ymm(first + 3));
        }
        a.vector(VPADDD, CODES, CODES, SCRATCH);
        a.vector(VPACKSSDW, ymm(first), ymm(first), ymm(first + 1));
        a.vector(VPACKSSDW, ymm(first + 2), ymm(first + 2), ymm(first + 3));
        a.vector(VPACKSSWB, ymm(first), ymm(first), ymm(first + 2));
        if (form.isInOrder()) {
            a.vector(VPERMD, ymm(first), ORDER, ymm(first));
            a.vectorStore(VMOVDQU_STORE, Memory.at(R11, 8 * first), ymm(first));
            return;
        }
        a.vector(VPSHUFB, ymm(first), ymm(first), ORDER);
        Vector low = ymm(first).as(128);
        Vector high = ymm(first + 1).as(128);
        Vector even = ymm(first + 2).as(128);
        a.extractUpper(high, ymm(first));
        a.vector(VPUNPCKLWD, even, low, high);
        a.vectorStore(VMOVDQU_STORE, Memory.at(R11, 4 * first), even);
        a.vector(VPUNPCKHWD, even, low, high);
        a.vectorStore(VMOVDQU_STORE, Memory.at(R11, 64 + 4 * first), even);
    }
}
