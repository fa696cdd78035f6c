package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
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
 * Codes groups of 64 floats as bytes, with one factor and the sum for each: what {@code Activations} describes.
 *
 * <p>The largest absolute value gives the factor; below {@value #SMALLEST} both factor and codes are 0. The sum times 0
 * is added to the factor: nothing for numbers, NaN when one of them is not finite. Codes are packed from 32 to 8 bits
 * and sorted into even and odd columns; VPACKSSDW and VPACKSSWB work on halves of a register, and the unpacking of
 * words at the end puts these back in order.
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

    private ActivationCoder() {}

    /** Emits the kernel: {@code GROUPS} groups from {@code VALUES}; {@code ROWS} bytes to the second group's codes. */
    static void emit(X86Assembler a, CallingConvention convention) {
        convention.enter(a, 64);
        constant(a, ABSOLUTE, 0x7FFFFFFF);
        constant(a, FULL, Float.floatToRawIntBits(127));
        constant(a, LIMIT, Float.floatToRawIntBits(SMALLEST));
        int[] order = {0x06040200, 0x0E0C0A08, 0x07050301, 0x0F0D0B09};
        for (int i = 0; i < 8; i++) {
            a.set(RAX, order[i % 4]);
            a.store32(Memory.at(RSP, 4 * i), RAX);
        }
        a.vector(VMOVDQU, ORDER, Memory.at(RSP, 0));
        a.load(RSI, Memory.at(RDI, Arguments.VALUES));
        a.load(R11, Memory.at(RDI, Arguments.CODES));
        a.load(RAX, Memory.at(RDI, Arguments.CODE_SCALES));
        a.load(RBX, Memory.at(RDI, Arguments.CODE_SUMS));
        a.load(R9, Memory.at(RDI, Arguments.ROWS));
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
        X86Assembler.Label group = a.label();
        a.place(group);
        measure(a);
        codes(a, 0);
        codes(a, 4);
        a.add(RSI, 256);
        a.add(R11, R9);
        a.xor(R9, 32 ^ 96);
        a.add(RAX, 4);
        a.add(RBX, 4);
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, group);
        convention.leave(a);
    }

    private static void constant(X86Assembler a, Vector to, int bits) {
        a.set(RAX, bits);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }

    /** Loads a group into 0 to 7, writes its factor and sum, leaves the inverse factor in all lanes. */
    private static void measure(X86Assembler a) {
        for (int i = 0; i < 8; i++) {
            a.vector(VMOVUPS, ymm(i), Memory.at(RSI, 32 * i));
        }
        a.vector(VADDPS, SUM, ymm(0), ymm(1));
        a.vector(VANDPS, LARGEST, ABSOLUTE, ymm(0));
        for (int i = 1; i < 8; i++) {
            if (i > 1) {
                a.vector(VADDPS, SUM, SUM, ymm(i));
            }
            a.vector(VANDPS, SCRATCH, ABSOLUTE, ymm(i));
            a.vector(VMAXPS, LARGEST, LARGEST, SCRATCH);
        }
        Vector sum = SUM.as(128);
        Vector largest = LARGEST.as(128);
        Vector scratch = SCRATCH.as(128);
        a.extractUpper(scratch, SUM);
        a.vector(VADDPS, sum, sum, scratch);
        NibbleRows.sumOfFour(a, sum, scratch);
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
        a.vector(VDIVPS, largest, largest, FULL.as(128));
        a.vector(VANDPS, largest, largest, scratch);
        a.vector(VPXOR, scratch, scratch, scratch);
        a.vector(VMULSS, scratch, scratch, sum);
        a.vector(VADDSS, largest, largest, scratch);
        a.vectorStore(VMOVSS_STORE, Memory.at(RAX, 0), largest);
        a.vectorStore(VMOVSS_STORE, Memory.at(RBX, 0), sum);
        a.vector(VBROADCASTSS, INVERSE, inverse);
    }

    /** Codes of the 32 columns in four registers from {@code first} on. */
    private static void codes(X86Assembler a, int first) {
        for (int i = first; i < first + 4; i++) {
            a.vector(VMULPS, ymm(i), ymm(i), INVERSE);
            a.vector(VCVTPS2DQ, ymm(i), ymm(i));
        }
        a.vector(VPACKSSDW, ymm(first), ymm(first), ymm(first + 1));
        a.vector(VPACKSSDW, ymm(first + 2), ymm(first + 2), ymm(first + 3));
        a.vector(VPACKSSWB, ymm(first), ymm(first), ymm(first + 2));
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
