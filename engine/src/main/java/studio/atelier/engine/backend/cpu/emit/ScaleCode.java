package studio.atelier.engine.backend.cpu.emit;

import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;
import studio.atelier.engine.tensor.DType;

/**
 * Emits the reading of scales and biases, which are BF16, F16, F32 or E8M0, as floats.
 *
 * <p>An E8M0 code is a float's exponent, but 0 stands for {@code 2^-127}, which as a float has another pattern; it is
 * larger than all others as a whole number, so the larger of both is right. 255, which is no number, becomes infinite.
 */
final class ScaleCode {
    /** The pattern of {@code 2^-127}. */
    static final int LEAST = 0x00400000;

    private final X86Assembler a;
    private final DType type;
    private final Memory least;

    /**
     * For one kernel.
     *
     * @param least where {@link #LEAST} lies, for all lanes or to be broadcast; only E8M0 needs it
     */
    ScaleCode(X86Assembler a, DType type, Memory least) {
        this.a = a;
        this.type = type;
        this.least = least;
    }

    int sizeBytes() {
        return type.sizeBytes();
    }

    /** Sixteen neighbours into the lanes of a 512-bit register; those outside the mask are not read. */
    void masked(Vector to, int mask, Memory from) {
        switch (type) {
            case BF16 -> {
                a.vectorMasked(VectorInstruction.VPMOVZXWD, to, mask, from);
                a.shiftLeft32(to, to, 16);
            }
            case F16 -> a.vectorMasked(VectorInstruction.VCVTPH2PS, to, mask, from);
            case F32 -> a.vectorMasked(VectorInstruction.VMOVUPS, to, mask, from);
            case F8_E8M0 -> {
                a.vectorMasked(VectorInstruction.VPMOVZXBD, to, mask, from);
                powers(to);
            }
            case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw unknown();
        }
    }

    /** As many neighbours as a register has lanes of 32 bits. */
    void each(Vector to, Memory from) {
        switch (type) {
            case BF16 -> {
                // A bfloat16 is the upper half of a float.
                a.vector(VectorInstruction.VPMOVZXWD, to, from);
                a.shiftLeft32(to, to, 16);
            }
            case F16 -> a.vector(VectorInstruction.VCVTPH2PS, to, from);
            case F32 -> a.vector(VectorInstruction.VMOVUPS, to, from);
            case F8_E8M0 -> {
                a.vector(VectorInstruction.VPMOVZXBD, to, from);
                powers(to);
            }
            case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw unknown();
        }
    }

    /** One into the lowest lane; the others become 0, but for E8M0. */
    void one(Vector to, Memory from, General scratch) {
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
            case F8_E8M0 -> {
                a.loadByte(scratch, from);
                a.vector(VectorInstruction.VMOVD, low, scratch);
                powers(low);
            }
            case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw unknown();
        }
    }

    private void powers(Vector exponents) {
        a.shiftLeft32(exponents, exponents, 23);
        a.vector(VectorInstruction.VPMAXSD, exponents, exponents, least);
    }

    private IllegalArgumentException unknown() {
        return new IllegalArgumentException("scale: expected BF16, F16, F32 or E8M0, got " + type);
    }
}
