package studio.atelier.engine.backend.cpu.emit;

import static studio.atelier.engine.backend.cpu.emit.Operand.General.R9;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RCX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RSI;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.VMOVUPS;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.VMOVUPS_STORE;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.VPXOR;

import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * Lets the row kernels take a stretch of columns at a time: several rows of x with thousands of columns don't fit into the
 * first-level cache, but a stretch of all of them does, and serves many rows of the weight. In between a weight row's
 * sums, all lanes of them, wait in memory; so they add up in the same order as without stretches.
 *
 * <p>What is read a little later are then other columns, or other rows, than those that lie behind: where, the arguments
 * say. The sums are the registers from 0 on; R9 is used.
 */
final class CarriedSums {
    /** From so many rows of x on; fewer fit as they are. */
    static final int FROM_TOKENS = 3;

    private final X86Assembler a;
    private final int tokens;
    private final int bits;

    CarriedSums(X86Assembler a, int tokens, int bits) {
        this.a = a;
        this.tokens = tokens;
        this.bits = bits;
    }

    /** Whether this kernel knows stretches. */
    private boolean areKnown() {
        return tokens >= FROM_TOKENS;
    }

    /** Begins a row with the sums of earlier columns, or with zeros where there are none. */
    void begin() {
        X86Assembler.Label begun = a.label();
        if (areKnown()) {
            X86Assembler.Label none = a.label();
            a.load(R9, Memory.at(RDI, Arguments.CARRIED_IN));
            a.test(R9);
            a.jump(X86Assembler.Condition.EQUAL, none);
            for (int t = 0; t < tokens; t++) {
                a.vector(VMOVUPS, sum(t), place(t));
            }
            next(Arguments.CARRIED_IN);
            a.jump(begun);
            a.place(none);
        }
        for (int t = 0; t < tokens; t++) {
            a.vector(VPXOR, sum(t), sum(t), sum(t));
        }
        a.place(begun);
    }

    /** Leaves a row's sums for later columns and jumps, or goes on where these were the last. */
    void leave(X86Assembler.Label left) {
        if (!areKnown()) {
            return;
        }
        X86Assembler.Label last = a.label();
        a.load(R9, Memory.at(RDI, Arguments.CARRIED_OUT));
        a.test(R9);
        a.jump(X86Assembler.Condition.EQUAL, last);
        for (int t = 0; t < tokens; t++) {
            a.vectorStore(VMOVUPS_STORE, place(t), sum(t));
        }
        next(Arguments.CARRIED_OUT);
        a.jump(left);
        a.place(last);
    }

    private void next(int argument) {
        a.add(R9, bits / 8 * tokens);
        a.store(Memory.at(RDI, argument), R9);
    }

    private Vector sum(int t) {
        return new Vector(t, bits);
    }

    private Memory place(int t) {
        return Memory.at(R9, bits / 8 * t);
    }

    /**
     * Asks for the scales, and with {@code biased} the biases, that come a little later; afterwards {@link #ahead} may be used.
     *
     * @param bytes how far ahead where this kernel knows no stretches
     */
    void prefetchScales(boolean biased, int bytes) {
        if (areKnown()) {
            a.load(R9, Memory.at(RDI, Arguments.SCALES_AHEAD));
        }
        a.prefetch(later(RDX, bytes, 0));
        if (biased) {
            a.prefetch(later(RCX, bytes, 0));
        }
        if (areKnown()) {
            a.load(R9, Memory.at(RDI, Arguments.VALUES_AHEAD));
        }
    }

    /** Where the values lie that come a little later than those at {@code displacement}. */
    Memory ahead(int bytes, int displacement) {
        return later(RSI, bytes, displacement);
    }

    private Memory later(General base, int bytes, int displacement) {
        return areKnown() ? Memory.at(base, R9, 1, displacement) : Memory.at(base, bytes + displacement);
    }
}
