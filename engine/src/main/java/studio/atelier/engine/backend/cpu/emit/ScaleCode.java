package studio.atelier.engine.backend.cpu.emit;

import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;
import studio.atelier.engine.tensor.DType;

/** Emits the reading of scales and biases, which are BF16, F16 or F32, as floats. */
final class ScaleCode {
    private ScaleCode() {}

    static int sizeBytes(DType type) {
        return type.sizeBytes();
    }

    /** Sixteen neighbours into the lanes of a 512-bit register; those outside the mask become 0 and are not read. */
    static void masked(X86Assembler a, DType type, Vector to, int mask, Memory from) {
        switch (type) {
            case BF16 -> {
                a.vectorMasked(VectorInstruction.VPMOVZXWD, to, mask, from);
                a.shiftLeft32(to, to, 16);
            }
            case F16 -> a.vectorMasked(VectorInstruction.VCVTPH2PS, to, mask, from);
            case F32 -> a.vectorMasked(VectorInstruction.VMOVUPS, to, mask, from);
            case F64, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw unknown(type);
        }
    }

    /** As many neighbours as a register has lanes of 32 bits. */
    static void each(X86Assembler a, DType type, Vector to, Memory from) {
        switch (type) {
            case BF16 -> {
                // A bfloat16 is the upper half of a float.
                a.vector(VectorInstruction.VPMOVZXWD, to, from);
                a.shiftLeft32(to, to, 16);
            }
            case F16 -> a.vector(VectorInstruction.VCVTPH2PS, to, from);
            case F32 -> a.vector(VectorInstruction.VMOVUPS, to, from);
            case F64, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw unknown(type);
        }
    }

    /** One into the lowest lane; the others become 0. */
    static void one(X86Assembler a, DType type, Vector to, Memory from, General scratch) {
        Vector low = to.as(128);
        switch (type) {
            case BF16 -> {
                a.loadShort(scratch, from);
                a.shiftLeft32(scratch, 16);
                a.vector(VectorInstruction.VMOVD, low, scratch);
            }
            case F16 -> {
                a.loadShort(scratch, from);
                a.vector(VectorInstruction.VMOVD, low, scratch);
                a.vector(VectorInstruction.VCVTPH2PS, low, low);
            }
            case F32 -> a.vector(VectorInstruction.VMOVD, low, from);
            case F64, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw unknown(type);
        }
    }

    private static IllegalArgumentException unknown(DType type) {
        return new IllegalArgumentException("scale: expected BF16, F16 or F32, got " + type);
    }
}
