package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R12;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R13;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R14;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R15;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBP;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RCX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSP;

import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * How a kernel is entered and left. Every kernel takes one argument, the address of its {@link Arguments}, and finds it
 * in {@code RDI}; it may use all registers but {@code RSP} and {@code RBP}, and scratch memory at {@code RSP}.
 */
enum CallingConvention {
    /** Linux and macOS: the argument comes in RDI, all vector registers are free. */
    SYSTEM_V,
    /** Windows: the argument comes in RCX; RSI, RDI and XMM6 to XMM15 belong to the caller. */
    WINDOWS;

    private static final General[] SAVED = {RBX, R12, R13, R14, R15};
    private static final int SAVED_VECTORS = 10;

    static CallingConvention ofThisSystem() {
        return System.getProperty("os.name", "").startsWith("Windows") ? WINDOWS : SYSTEM_V;
    }

    /** Begins a kernel that uses no vector register; its argument is in {@code RDI}. */
    void enterScalar(X86Assembler a) {
        saveGeneral(a);
        if (this == WINDOWS) {
            a.move(RDI, RCX);
        }
    }

    private void saveGeneral(X86Assembler a) {
        a.push(RBP);
        a.move(RBP, RSP);
        for (General register : SAVED) {
            a.push(register);
        }
        if (this == WINDOWS) {
            a.push(RSI);
            a.push(RDI);
        }
    }

    /** Begins a kernel with this many bytes of scratch, 64-byte aligned, at {@code RSP}. */
    void enter(X86Assembler a, int scratchBytes) {
        saveGeneral(a);
        if (this == WINDOWS) {
            a.subtract(RSP, 16 * SAVED_VECTORS);
            for (int i = 0; i < SAVED_VECTORS; i++) {
                a.vectorStore(VectorInstruction.VMOVUPS_STORE, Memory.at(RSP, 16 * i), Vector.xmm(6 + i));
            }
            a.move(RDI, RCX);
        }
        if (scratchBytes > 0) {
            a.subtract(RSP, scratchBytes);
            a.and(RSP, -64);
        }
    }

    /** Ends it, so that what follows may use older vector instructions at full speed. */
    void leave(X86Assembler a) {
        a.vzeroupper();
        if (this == WINDOWS) {
            int below = 8 * SAVED.length + 16 + 16 * SAVED_VECTORS;
            for (int i = 0; i < SAVED_VECTORS; i++) {
                a.vector(VectorInstruction.VMOVUPS, Vector.xmm(6 + i), Memory.at(RBP, 16 * i - below));
            }
        }
        leaveScalar(a);
    }

    /** Ends a kernel that was begun with {@link #enterScalar}. */
    void leaveScalar(X86Assembler a) {
        if (this == WINDOWS) {
            a.lea(RSP, Memory.at(RBP, -8 * SAVED.length - 16));
            a.pop(RDI);
            a.pop(RSI);
        } else {
            a.lea(RSP, Memory.at(RBP, -8 * SAVED.length));
        }
        for (int i = SAVED.length - 1; i >= 0; i--) {
            a.pop(SAVED[i]);
        }
        a.pop(RBP);
        a.ret();
    }
}
