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
import static studio.atelier.engine.backend.cpu.emit.Operand.Vector.zmm;
import static studio.atelier.engine.backend.cpu.emit.VectorInstruction.*;

import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;
import studio.atelier.engine.tensor.DType;

/**
 * What {@link WeightRows} computes, with 512-bit vectors: 64 bytes of weights at a time, VPDPBUSD for the sums of
 * products.
 *
 * <p>Sixteen groups share one vector of factors {@code s · d} for each row of x. It stays in a register, and VPERMPS
 * takes from it the factors of the groups that 64 bytes hold, as many lanes for each: a trip through memory would wait
 * for the store of the sixteen before. Where that are more than eight steps, the upper half of the factors then moves
 * down. What is left of a row, up to fifteen groups, reads its scales under a mask.
 */
final class WeightRows512 {
    /** How far ahead of their use weights are asked for. */
    static final int PREFETCH_BYTES = 8192;

    private static final int GROUPS = 16;
    private static final int STEP_BYTES = 64;
    private static final int MOST_PATTERNS = 8;
    private static final int LAST = 1;

    private static final Vector LOW = zmm(8);
    private static final Vector HIGH = zmm(9);
    private static final Vector SUM = zmm(10);
    private static final Vector FACTOR = zmm(11);
    private static final Vector MASK = zmm(12);
    private static final Vector SCALE = zmm(13);
    private static final Vector BIAS = zmm(14);
    private static final Vector OTHER = zmm(15);
    private static final int FIRST_PATTERN = 16;
    /** Free where a table is needed: such groups are small, and patterns few. */
    private static final Vector TABLE = zmm(23);

    private static final int FIRST_FACTOR = 24;

    /** Constants behind 64 bytes of scratch. */
    private static final Memory MIDDLE = Memory.at(RSP, 64);

    private static final Memory LEAST = Memory.at(RSP, 68);

    private final X86Assembler a;
    private final CodeForm form;
    private final ScaleCode scales;
    private final int tokens;
    private final CarriedSums carried;
    private final int stepGroups;
    private final int steps;
    private final int scalePrefetchBytes;

    private WeightRows512(X86Assembler a, CodeForm form, DType type, int tokens) {
        this.a = a;
        this.form = form;
        this.scales = new ScaleCode(a, type, LEAST.broadcasted());
        this.tokens = tokens;
        this.carried = new CarriedSums(a, tokens, 512);
        this.stepGroups = STEP_BYTES / form.blockBytes() * form.blockGroups();
        this.steps = GROUPS / stepGroups;
        this.scalePrefetchBytes = scalePrefetchBytes(form, scales.sizeBytes());
    }

    /** Scales are asked for a little earlier than the weights they belong to. */
    static int scalePrefetchBytes(CodeForm form, int sizeBytes) {
        return 2 * PREFETCH_BYTES / (form.blockBytes() / form.blockGroups()) * sizeBytes;
    }

    /** Emits the kernel; results lie at {@code OUT} as {@code [tokens, rows]}. */
    static void emit(X86Assembler a, CallingConvention convention, CodeForm form, DType type, int tokens) {
        new WeightRows512(a, form, type, tokens).emit(convention);
    }

    private static Vector sum(int t) {
        return zmm(t);
    }

    private static Vector factors(int t) {
        return zmm(FIRST_FACTOR + t);
    }

    private static Vector pattern(int step) {
        return zmm(FIRST_PATTERN + step % MOST_PATTERNS);
    }

    private void emit(CallingConvention convention) {
        convention.enter(a, 128);
        TokenRows.prepare(a, Arguments.TOKEN_STRIDE, tokens);
        a.load(RAX, Memory.at(RDI, Arguments.LAST_LANES));
        a.mask(LAST, RAX);
        constants();
        X86Assembler.Label row = a.label();
        a.place(row);
        WeightRows.loadRow(a);
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
        WeightRows.nextRow(a, row);
        convention.leave(a);
    }

    private void constants() {
        a.set(RAX, Float.floatToRawIntBits(form.middle()));
        a.store32(MIDDLE, RAX);
        a.set(RAX, ScaleCode.LEAST);
        a.store32(LEAST, RAX);
        broadcast(MASK, 0x0F0F0F0F);
        for (int lane = 0; lane < 16; lane++) {
            a.set(RAX, lane * stepGroups / 16);
            a.store32(Memory.at(RSP, 4 * lane), RAX);
        }
        a.vector(VMOVDQU, pattern(0), Memory.at(RSP, 0));
        broadcast(FACTOR, stepGroups);
        for (int step = 1; step < Math.min(steps, MOST_PATTERNS); step++) {
            a.vector(VPADDD, pattern(step), pattern(step - 1), FACTOR);
        }
        if (form.looksUp()) {
            for (int lane = 0; lane < 16; lane++) {
                a.set(RAX, form.table(lane % 4));
                a.store32(Memory.at(RSP, 4 * lane), RAX);
            }
            a.vector(VMOVDQU, TABLE, Memory.at(RSP, 0));
        }
    }

    private void broadcast(Vector to, int value) {
        a.set(RAX, value);
        a.vector(VMOVD, to.as(128), RAX);
        a.vector(VPBROADCASTD, to, to.as(128));
    }

    private void groups() {
        X86Assembler.Label sixteen = a.label();
        X86Assembler.Label last = a.label();
        X86Assembler.Label done = a.label();
        a.place(sixteen);
        a.compare(R10, GROUPS);
        a.jump(X86Assembler.Condition.BELOW, last);
        sixteenGroups();
        a.subtract(R10, GROUPS);
        a.jump(sixteen);
        a.place(last);
        a.test(R10);
        a.jump(X86Assembler.Condition.EQUAL, done);
        lastGroups(done);
        a.place(done);
    }

    private void sixteenGroups() {
        scales.each(SCALE, Memory.at(RDX, 0));
        if (form.isBiased()) {
            scales.each(BIAS, Memory.at(RCX, 0));
            a.vector(VFMADD231PS, BIAS, SCALE, MIDDLE.broadcasted());
        }
        for (int t = 0; t < tokens; t++) {
            a.vector(VMULPS, factors(t), SCALE, TokenRows.row(RAX, t, 0));
            if (form.isBiased()) {
                a.vector(VFMADD231PS, sum(t), BIAS, TokenRows.row(RBX, t, 0));
            }
            a.vector(VCVTDQ2PS, OTHER, TokenRows.row(R8, t, 0));
            a.vector(VFMADD231PS, sum(t), factors(t), OTHER);
        }
        carried.prefetchScales(form.isBiased(), scalePrefetchBytes);
        for (int step = 0; step < steps; step++) {
            step(step, 512);
        }
        WeightRows.advance(a, form, scales, GROUPS);
    }

    private void lastGroups(X86Assembler.Label done) {
        scales.masked(SCALE, LAST, Memory.at(RDX, 0));
        if (form.isBiased()) {
            scales.masked(BIAS, LAST, Memory.at(RCX, 0));
            a.vector(VFMADD231PS, BIAS, SCALE, MIDDLE.broadcasted());
        }
        for (int t = 0; t < tokens; t++) {
            a.vectorMasked(VMOVUPS, factors(t), LAST, TokenRows.row(RAX, t, 0));
            a.vector(VMULPS, factors(t), SCALE, factors(t));
            // What lies behind the sums may be no number, and would stay so times nothing.
            if (form.isBiased()) {
                a.vectorMasked(VMOVUPS, OTHER, LAST, TokenRows.row(RBX, t, 0));
                a.vector(VFMADD231PS, sum(t), BIAS, OTHER);
            }
            a.vectorMasked(VMOVUPS, OTHER, LAST, TokenRows.row(R8, t, 0));
            a.vector(VCVTDQ2PS, OTHER, OTHER);
            a.vector(VFMADD231PS, sum(t), factors(t), OTHER);
        }
        carried.prefetchScales(form.isBiased(), scalePrefetchBytes);
        X86Assembler.Label[] rest = new X86Assembler.Label[steps];
        for (int step = 0; step < steps; step++) {
            rest[step] = a.label();
            if (step < steps - 1) {
                a.compare(R10, stepGroups * (step + 1));
                a.jump(X86Assembler.Condition.BELOW, rest[step]);
                step(step, 512);
            }
        }
        for (int step = steps - 1; step >= 0; step--) {
            a.place(rest[step]);
            if (form.blockBytes() < STEP_BYTES) {
                a.compare(R10, stepGroups * step + form.blockGroups());
                a.jump(X86Assembler.Condition.BELOW, done);
                step(step, 256);
            }
            if (step > 0) {
                a.jump(done);
            }
        }
    }

    /** Weights of 64 bytes, or of 32: then the upper half is 0, as are its factors. */
    private void step(int step, int bits) {
        a.prefetch(carried.ahead(PREFETCH_BYTES, STEP_BYTES * step));
        if (step == MOST_PATTERNS) {
            for (int t = 0; t < tokens; t++) {
                a.extractUpper(factors(t).as(256), factors(t));
            }
        }
        unpack(step, bits);
        for (int t = 0; t < tokens; t++) {
            dot(t, step);
            a.vector(VFMADD231PS, sum(t), SUM, FACTOR);
        }
    }

    private void unpack(int step, int bits) {
        Memory weights = Memory.at(RSI, STEP_BYTES * step);
        if (form.bits() == 8) {
            a.vector(VMOVDQU, LOW, weights);
            return;
        }
        a.vector(VMOVDQU, HIGH.as(bits), weights);
        a.vector(VPAND, LOW.as(bits), HIGH.as(bits), MASK.as(bits));
        a.shiftRight16(HIGH.as(bits), HIGH.as(bits), 4);
        a.vector(VPAND, HIGH.as(bits), HIGH.as(bits), MASK.as(bits));
        if (form.looksUp()) {
            a.vector(VPSHUFB, LOW.as(bits), TABLE.as(bits), LOW.as(bits));
            a.vector(VPSHUFB, HIGH.as(bits), TABLE.as(bits), HIGH.as(bits));
        }
    }

    /** The exact sums of a step as floats, and what they are to be multiplied by. */
    private void dot(int t, int step) {
        a.vector(VPXOR, SUM, SUM, SUM);
        if (form.bits() == 8) {
            a.vector(VPDPBUSD, SUM, LOW, TokenRows.row(R11, t, 64 * step));
        } else {
            a.vector(VPDPBUSD, SUM, LOW, TokenRows.row(R11, t, 128 * step));
            a.vector(VPDPBUSD, SUM, HIGH, TokenRows.row(R11, t, 128 * step + 64));
        }
        a.vector(VCVTDQ2PS, SUM, SUM);
        a.vector(VPERMPS, FACTOR, pattern(step), factors(t));
    }

    private void storeSum(int t) {
        a.extractUpper(SUM.as(256), sum(t));
        a.vector(VADDPS, SUM.as(256), SUM.as(256), sum(t).as(256));
        a.extractUpper(FACTOR.as(128), SUM.as(256));
        a.vector(VADDPS, SUM.as(128), SUM.as(128), FACTOR.as(128));
        WeightRows.sumOfFour(a, SUM.as(128), FACTOR.as(128));
        a.vectorStore(VMOVSS_STORE, Memory.at(R9, 0), SUM.as(128));
    }
}
