package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R10;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R11;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R12;
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
 * Adds a tile's bfloat16 values by their shares: {@code y_r = c_r y_r + sum over t of p[r, t] v_t}, for up to
 * four queries.
 *
 * <p>64 elements at a time stay in registers for all positions of the tile. Values come apart into odd and even elements
 * as in {@link AttentionScores512}, and y lies so, too: {@code [D / 64, rows, 2, 16 even, 16 odd]}.
 */
final class AttentionMix512 {
    /** Elements of a value at once. */
    static final int ELEMENTS = 64;

    private AttentionMix512() {}

    /** Emits the kernel; see {@link Arguments#setValues}. */
    static void emit(X86Assembler a, CallingConvention convention, int rows) {
        convention.enter(a, 0);
        AttentionScores512.mask(a);
        a.load(R12, Memory.at(RDI, Arguments.VALUE_STRIDE));
        AttentionScores512.distance(a);
        a.load(RSI, Memory.at(RDI, Arguments.VALUES));
        a.load(RDX, Memory.at(RDI, Arguments.GROUPS));
        a.load(RBX, Memory.at(RDI, Arguments.OUT));
        a.load(R9, Memory.at(RDI, Arguments.CODES));
        X86Assembler.Label columns = a.label();
        X86Assembler.Label position = a.label();
        a.place(columns);
        a.load(R8, Memory.at(RDI, Arguments.BIASES));
        for (int i = 0; i < 4 * rows; i++) {
            if (i % 4 == 0) {
                a.vector(VBROADCASTSS, zmm(16), Memory.at(R8, i));
            }
            a.vector(VMULPS, zmm(i), zmm(16), Memory.at(RBX, 64 * i));
        }
        a.move(R8, RSI);
        a.move(R11, R9);
        a.load(R10, Memory.at(RDI, Arguments.ROWS));
        a.place(position);
        position(a, rows);
        a.add(R8, R12);
        a.add(R11, 4);
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, position);
        for (int i = 0; i < 4 * rows; i++) {
            a.vectorStore(VMOVUPS_STORE, Memory.at(RBX, 64 * i), zmm(i));
        }
        a.add(RSI, 2 * ELEMENTS);
        a.add(RBX, 4 * ELEMENTS * rows);
        a.subtract(RDX, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, columns);
        convention.leave(a);
    }

    private static void position(X86Assembler a, int rows) {
        for (int half = 0; half < 2; half++) {
            a.prefetch(Memory.at(R8, RAX, 1, 64 * half));
            Vector odd = zmm(17 + 2 * half);
            a.vector(VMOVDQU, odd, Memory.at(R8, 64 * half));
            a.shiftLeft32(zmm(16 + 2 * half), odd, 16);
            a.vector(VPAND, odd, odd, AttentionScores512.MASK);
        }
        for (int r = 0; r < rows; r++) {
            Vector share = zmm(20 + r);
            a.vector(VBROADCASTSS, share, Memory.at(R11, 4 * AttentionScores512.TILE * r));
            for (int i = 0; i < 4; i++) {
                a.vector(VFMADD231PS, zmm(4 * r + i), share, zmm(16 + i));
            }
        }
    }
}
