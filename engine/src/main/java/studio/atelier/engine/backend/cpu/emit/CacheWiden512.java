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
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.zmm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * Rows of an 8-bit cache as bfloat16, with 512-bit vectors: each code times its block's factor, rounded to the nearest,
 * ties to even. Rows come out one behind the other.
 */
final class CacheWiden512 {
    /** Codes with one factor. */
    static final int BLOCK = 64;

    private static final int LANES = 16;
    private static final Vector FACTOR = zmm(4);
    private static final Vector ODD = zmm(5);
    private static final Vector ONE = zmm(6);
    private static final Vector ALMOST_HALF = zmm(7);

    private CacheWiden512() {}

    /** Emits the kernel: {@code ROWS} rows of {@code GROUPS} blocks from {@code VALUES}, factors from {@code SCALES}. */
    static void emit(X86Assembler a, CallingConvention convention) {
        convention.enter(a, 0);
        broadcast(a, ONE, 1);
        broadcast(a, ALMOST_HALF, 0x7FFF);
        a.load(R8, Memory.at(RDI, Arguments.OUT));
        a.load(RCX, Memory.at(RDI, Arguments.VALUES));
        a.load(RDX, Memory.at(RDI, Arguments.SCALES));
        a.load(R9, Memory.at(RDI, Arguments.VALUE_STRIDE));
        a.load(R11, Memory.at(RDI, Arguments.SCALE_STRIDE));
        a.load(RBX, Memory.at(RDI, Arguments.ROWS));
        X86Assembler.Label row = a.label();
        X86Assembler.Label block = a.label();
        a.place(row);
        a.move(RSI, RCX);
        a.move(RAX, RDX);
        a.load(R10, Memory.at(RDI, Arguments.GROUPS));
        a.place(block);
        a.vector(VBROADCASTSS, FACTOR, Memory.at(RAX, 0));
        for (int i = 0; i < BLOCK / LANES; i++) {
            a.vector(VPMOVSXBD, zmm(i), Memory.at(RSI, LANES * i));
            a.vector(VCVTDQ2PS, zmm(i), zmm(i));
            a.vector(VMULPS, zmm(i), zmm(i), FACTOR);
            a.shiftRight32(ODD, zmm(i), 16);
            a.vector(VPAND, ODD, ODD, ONE);
            a.vector(VPADDD, zmm(i), zmm(i), ALMOST_HALF);
            a.vector(VPADDD, zmm(i), zmm(i), ODD);
            a.shiftRight32(zmm(i), zmm(i), 16);
            a.vectorStore(VPMOVDW_STORE, Memory.at(R8, 2 * LANES * i), zmm(i));
        }
        a.add(RSI, BLOCK);
        a.add(RAX, 4);
        a.add(R8, 2 * BLOCK);
        a.subtract(R10, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, block);
        a.add(RCX, R9);
        a.add(RDX, R11);
        a.subtract(RBX, 1);
        a.jump(X86Assembler.Condition.NOT_EQUAL, row);
        convention.leave(a);
    }

    private static void broadcast(X86Assembler a, Vector to, int value) {
        a.set(RAX, value);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }
}
