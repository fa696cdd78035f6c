package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R12;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R13;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R14;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R15;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;

import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;

/** Addresses of up to eight rows that lie {@code s} bytes apart: R12 to R15 hold s, 3s, 5s and 7s. */
final class TokenRows {
    private TokenRows() {}

    /** Loads the stride from the arguments. */
    static void prepare(X86Assembler a, int strideArgument, int rows) {
        a.load(R12, Memory.at(RDI, strideArgument));
        if (rows > 3) {
            a.lea(R13, Memory.at(R12, R12, 2, 0));
        }
        if (rows > 5) {
            a.lea(R14, Memory.at(R12, R12, 4, 0));
        }
        if (rows > 7) {
            a.lea(R15, Memory.at(R13, R12, 4, 0));
        }
    }

    /** {@code base + row · s + displacement}. */
    static Memory row(General base, int row, int displacement) {
        return switch (row) {
            case 0 -> Memory.at(base, displacement);
            case 1 -> Memory.at(base, R12, 1, displacement);
            case 2 -> Memory.at(base, R12, 2, displacement);
            case 3 -> Memory.at(base, R13, 1, displacement);
            case 4 -> Memory.at(base, R12, 4, displacement);
            case 5 -> Memory.at(base, R14, 1, displacement);
            case 6 -> Memory.at(base, R13, 2, displacement);
            case 7 -> Memory.at(base, R15, 1, displacement);
            default -> throw new IllegalArgumentException("row: expected 0 to 7, got " + row);
        };
    }
}
