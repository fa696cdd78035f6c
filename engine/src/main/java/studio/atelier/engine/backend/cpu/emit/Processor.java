package studio.atelier.engine.backend.cpu.emit;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.R8;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RAX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RBX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RCX;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDI;
import static studio.atelier.engine.backend.cpu.emit.Operand.General.RDX;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;

/**
 * What this processor says it can do, asked with CPUID and XGETBV, themselves emitted.
 *
 * @param sets the instruction sets that kernels may use, best last; the operating system keeps their registers
 */
record Processor(List<InstructionSet> sets) {
    private static final int XMM_YMM = 0x6;
    private static final int XMM_YMM_ZMM = 0xE6;

    /** Asks. Empty on anything but x86-64. */
    static Processor ofThisMachine() throws IOException {
        String name = System.getProperty("os.arch", "");
        if (!name.equals("amd64") && !name.equals("x86_64")) {
            return new Processor(List.of());
        }
        X86Assembler identify = new X86Assembler();
        identify(identify, CallingConvention.ofThisSystem());
        X86Assembler extended = new X86Assembler();
        extended(extended, CallingConvention.ofThisSystem());
        try (MachineCode code = MachineCode.of(List.of(identify.bytes(), extended.bytes()));
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(16, 16);
            return new Processor(sets(code, block));
        }
    }

    /** The best set, if any. */
    Optional<InstructionSet> best() {
        return sets.isEmpty() ? Optional.empty() : Optional.of(sets.getLast());
    }

    private static List<InstructionSet> sets(MachineCode code, MemorySegment block) {
        List<InstructionSet> found = new ArrayList<>();
        int[] basic = leaf(code, block, 1, 0);
        boolean keepsRegisters = bit(basic[2], 27);
        if (leaf(code, block, 0, 0)[0] < 7 || !keepsRegisters) {
            return found;
        }
        code.call(1, block.address());
        int kept = block.getAtIndex(JAVA_INT, 0);
        int[] features = leaf(code, block, 7, 0);
        int[] more = leaf(code, block, 7, 1);
        boolean avx2 = bit(features[1], 5) && bit(basic[2], 12) && bit(basic[2], 29) && (kept & XMM_YMM) == XMM_YMM;
        if (!avx2) {
            return found;
        }
        found.add(InstructionSet.AVX2);
        if (features[0] >= 1 && bit(more[0], 4)) {
            found.add(InstructionSet.AVX_VNNI);
        }
        // Foundation, byte and word, vector length, VNNI.
        boolean avx512 = bit(features[1], 16) && bit(features[1], 30) && bit(features[1], 31) && bit(features[2], 11);
        if (avx512 && (kept & XMM_YMM_ZMM) == XMM_YMM_ZMM) {
            found.add(InstructionSet.AVX512_VNNI);
        }
        return found;
    }

    private static boolean bit(int word, int number) {
        return (word >> number & 1) == 1;
    }

    /** EAX, EBX, ECX, EDX. */
    private static int[] leaf(MachineCode code, MemorySegment block, int leaf, int subleaf) {
        block.setAtIndex(JAVA_INT, 0, leaf);
        block.setAtIndex(JAVA_INT, 1, subleaf);
        code.call(0, block.address());
        return block.toArray(JAVA_INT);
    }

    private static void identify(X86Assembler a, CallingConvention convention) {
        convention.enterScalar(a);
        a.move(R8, RDI);
        a.load32(RAX, Memory.at(R8, 0));
        a.load32(RCX, Memory.at(R8, 4));
        a.cpuid();
        a.store32(Memory.at(R8, 0), RAX);
        a.store32(Memory.at(R8, 4), RBX);
        a.store32(Memory.at(R8, 8), RCX);
        a.store32(Memory.at(R8, 12), RDX);
        convention.leaveScalar(a);
    }

    private static void extended(X86Assembler a, CallingConvention convention) {
        convention.enterScalar(a);
        a.set(RCX, 0);
        a.xgetbv();
        a.store32(Memory.at(RDI, 0), RAX);
        convention.leaveScalar(a);
    }
}
