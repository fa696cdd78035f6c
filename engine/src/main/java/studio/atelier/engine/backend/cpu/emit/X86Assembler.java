package studio.atelier.engine.backend.cpu.emit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import studio.atelier.engine.backend.cpu.emit.Operand.General;
import studio.atelier.engine.backend.cpu.emit.Operand.Memory;
import studio.atelier.engine.backend.cpu.emit.Operand.Vector;

/**
 * Assembles x86-64: a few general instructions, and vector instructions with VEX or EVEX prefix.
 *
 * <p>Beside the bytes it keeps a listing in the GNU assembler's Intel syntax; the tests assemble that again and compare
 * byte for byte. Encodings are as short as that assembler makes them. Source: Intel's Software Developer's Manual volume
 * 2, chapters 2.1 to 2.7.
 */
final class X86Assembler {
    private byte[] code = new byte[4096];
    private int size;
    private final List<String> listing = new ArrayList<>();

    /** A place in the code; jumps may go to it before it is placed. */
    static final class Label {
        private final int number;
        private int position = -1;
        private final List<Integer> users = new ArrayList<>();

        private Label(int number) {
            this.number = number;
        }

        private String text() {
            return "L" + number;
        }
    }

    /** When to jump: the low nibble of the opcode. */
    enum Condition {
        BELOW(2),
        ABOVE_EQUAL(3),
        EQUAL(4),
        NOT_EQUAL(5);

        private final int code;

        Condition(int code) {
            this.code = code;
        }

        private String text() {
            return switch (this) {
                case BELOW -> "jb";
                case ABOVE_EQUAL -> "jae";
                case EQUAL -> "je";
                case NOT_EQUAL -> "jne";
            };
        }
    }

    /** The code so far. Throws when a jump's goal was never placed. */
    byte[] bytes() {
        return Arrays.copyOf(code, size);
    }

    /** What was assembled, a line each. */
    List<String> listing() {
        return List.copyOf(listing);
    }

    private int labels;

    Label label() {
        return new Label(labels++);
    }

    /** The label means the next instruction. */
    void place(Label label) {
        label.position = size;
        listing.add(label.text() + ":");
        for (int user : label.users) {
            writeDistance(user, label.position);
        }
    }

    void jump(Condition condition, Label goal) {
        listing.add(condition.text() + ".d32 " + goal.text());
        emit(0x0F, 0x80 | condition.code);
        distanceTo(goal);
    }

    void jump(Label goal) {
        listing.add("jmp.d32 " + goal.text());
        emit(0xE9);
        distanceTo(goal);
    }

    private void distanceTo(Label goal) {
        int at = size;
        emit(0, 0, 0, 0);
        if (goal.position >= 0) {
            writeDistance(at, goal.position);
        } else {
            goal.users.add(at);
        }
    }

    private void writeDistance(int at, int goal) {
        int distance = goal - (at + 4);
        for (int i = 0; i < 4; i++) {
            code[at + i] = (byte) (distance >> 8 * i);
        }
    }

    void push(General register) {
        listing.add("push " + register.text());
        if (register.ordinal() >= 8) {
            emit(0x41);
        }
        emit(0x50 | register.ordinal() & 7);
    }

    void pop(General register) {
        listing.add("pop " + register.text());
        if (register.ordinal() >= 8) {
            emit(0x41);
        }
        emit(0x58 | register.ordinal() & 7);
    }

    void ret() {
        listing.add("ret");
        emit(0xC3);
    }

    void vzeroupper() {
        listing.add("vzeroupper");
        emit(0xC5, 0xF8, 0x77);
    }

    void cpuid() {
        listing.add("cpuid");
        emit(0x0F, 0xA2);
    }

    void xgetbv() {
        listing.add("xgetbv");
        emit(0x0F, 0x01, 0xD0);
    }

    void move(General to, General from) {
        listing.add("mov " + to.text() + "," + from.text());
        general(true, 0x89, from.ordinal(), to);
    }

    void load(General to, Memory from) {
        listing.add("mov " + to.text() + ",qword ptr " + from.text());
        general(true, 0x8B, to.ordinal(), from);
    }

    void store(Memory to, General from) {
        listing.add("mov qword ptr " + to.text() + "," + from.text());
        general(true, 0x89, from.ordinal(), to);
    }

    /** The low half; the upper is cleared. */
    void load32(General to, Memory from) {
        listing.add("mov " + to.halfText() + ",dword ptr " + from.text());
        general(false, 0x8B, to.ordinal(), from);
    }

    void store32(Memory to, General from) {
        listing.add("mov dword ptr " + to.text() + "," + from.halfText());
        general(false, 0x89, from.ordinal(), to);
    }

    /** A constant; the upper half is cleared. */
    void set(General to, int value) {
        listing.add("mov " + to.halfText() + "," + value);
        if (to.ordinal() >= 8) {
            emit(0x41);
        }
        emit(0xB8 | to.ordinal() & 7);
        emit32(value);
    }

    /** A byte, zero-extended. */
    void loadByte(General to, Memory from) {
        listing.add("movzx " + to.halfText() + ",byte ptr " + from.text());
        generalTwoByte(0xB6, to.ordinal(), from);
    }

    /** Two bytes, zero-extended. */
    void loadShort(General to, Memory from) {
        listing.add("movzx " + to.halfText() + ",word ptr " + from.text());
        generalTwoByte(0xB7, to.ordinal(), from);
    }

    /** The low half shifted left; the upper half is cleared. */
    void shiftLeft32(General register, int bits) {
        listing.add("shl " + register.halfText() + "," + bits);
        general(false, 0xC1, 4, register);
        emit(bits);
    }

    void lea(General to, Memory address) {
        listing.add("lea " + to.text() + "," + address.text());
        general(true, 0x8D, to.ordinal(), address);
    }

    void add(General to, General from) {
        listing.add("add " + to.text() + "," + from.text());
        general(true, 0x01, from.ordinal(), to);
    }

    void add(General to, Memory from) {
        listing.add("add " + to.text() + ",qword ptr " + from.text());
        general(true, 0x03, to.ordinal(), from);
    }

    void add(General to, int value) {
        arithmetic("add", 0, to, value);
    }

    void subtract(General to, int value) {
        arithmetic("sub", 5, to, value);
    }

    void and(General to, int value) {
        arithmetic("and", 4, to, value);
    }

    void xor(General to, int value) {
        arithmetic("xor", 6, to, value);
    }

    void compare(General to, int value) {
        arithmetic("cmp", 7, to, value);
    }

    private void arithmetic(String name, int operation, General to, int value) {
        listing.add(name + " " + to.text() + "," + value);
        boolean small = value == (byte) value;
        if (!small && to == General.RAX) {
            emit(0x48, 0x05 | operation << 3);
            emit32(value);
            return;
        }
        general(true, small ? 0x83 : 0x81, operation, to);
        if (small) {
            emit(value);
        } else {
            emit32(value);
        }
    }

    void test(General register) {
        listing.add("test " + register.text() + "," + register.text());
        general(true, 0x85, register.ordinal(), register);
    }

    /** Asks for a cache line; never faults. */
    void prefetch(Memory address) {
        listing.add("prefetcht0 byte ptr " + address.text());
        generalTwoByte(0x18, 1, address);
    }

    private void general(boolean wide, int opcode, int reg, Operand rm) {
        rex(wide, reg, rm);
        emit(opcode);
        modRm(reg, rm, 1);
    }

    private void generalTwoByte(int opcode, int reg, Memory rm) {
        rex(false, reg, rm);
        emit(0x0F, opcode);
        modRm(reg, rm, 1);
    }

    private void rex(boolean wide, int reg, Operand rm) {
        int rex = 0x40 | (wide ? 8 : 0) | (reg >> 3) << 2 | indexBit(rm) << 1 | baseNumber(rm) >> 3;
        if (rex != 0x40) {
            emit(rex);
        }
    }

    /** {@code instruction to, rm}. */
    void vector(VectorInstruction instruction, Vector to, Operand rm) {
        encode(instruction, to.bits(), to.number(), 0, rm, -1, false, to.text() + "," + sized(instruction, to, rm));
    }

    /** {@code instruction to, rm, immediate}. */
    void vector(VectorInstruction instruction, Vector to, Operand rm, int immediate) {
        String text = to.text() + "," + sized(instruction, to, rm) + "," + immediate;
        encode(instruction, to.bits(), to.number(), 0, rm, immediate, false, text);
    }

    /** {@code instruction to, first, rm}. */
    void vector(VectorInstruction instruction, Vector to, Vector first, Operand rm) {
        String text = to.text() + "," + first.text() + "," + sized(instruction, to, rm);
        encode(instruction, to.bits(), to.number(), first.number(), rm, -1, first.number() >= 16, text);
    }

    /** {@code instruction to, first, rm, immediate}. */
    void vector(VectorInstruction instruction, Vector to, Vector first, Operand rm, int immediate) {
        String text = to.text() + "," + first.text() + "," + sized(instruction, to, rm) + "," + immediate;
        encode(instruction, to.bits(), to.number(), first.number(), rm, immediate, first.number() >= 16, text);
    }

    /** {@code instruction to{mask}{z}, memory}: lanes outside the mask become 0, and their memory is not touched. */
    void vectorMasked(VectorInstruction instruction, Vector to, int mask, Memory from) {
        listing.add(instruction.text(true) + " " + to.text() + "{k" + mask + "}{z}," + sized(instruction, to, from));
        evexPrefix(instruction.prefix, instruction.map, instruction.wide, to.bits(), to.number(), 0, from, 0x80 | mask);
        emit(instruction.opcode);
        modRm(to.number(), from, instruction.memoryBytes(to.bits(), false));
    }

    /** The lowest 16 bits of a register become a mask of lanes. */
    void mask(int mask, General from) {
        listing.add("kmovw k" + mask + "," + from.halfText());
        emit(0xC5, 0xF8, 0x92);
        modRm(mask, from, 1);
    }

    /** {@code instruction memory, from}: the forms that store. */
    void vectorStore(VectorInstruction instruction, Memory to, Vector from) {
        encode(
                instruction,
                from.bits(),
                from.number(),
                0,
                to,
                -1,
                false,
                sized(instruction, from, to) + "," + from.text());
    }

    /** The upper half of a register to a register of half the width. */
    void extractUpper(Vector to, Vector from) {
        VectorInstruction instruction =
                from.bits() == 512 ? VectorInstruction.VEXTRACTF64X4 : VectorInstruction.VEXTRACTF128;
        encode(instruction, from.bits(), from.number(), 0, to, 1, false, to.text() + "," + from.text() + ",1");
    }

    /** Shifts each 16-bit lane right. */
    void shiftRight16(Vector to, Vector from, int bits) {
        shift("vpsrlw", 0x71, 2, to, from, bits);
    }

    /** Shifts each 32-bit lane right, zeros coming in. */
    void shiftRight32(Vector to, Vector from, int bits) {
        shift("vpsrld", 0x72, 2, to, from, bits);
    }

    /** Shifts each 32-bit lane left. */
    void shiftLeft32(Vector to, Vector from, int bits) {
        shift("vpslld", 0x72, 6, to, from, bits);
    }

    private void shift(String name, int opcode, int operation, Vector to, Vector from, int bits) {
        listing.add(name + " " + to.text() + "," + from.text() + "," + bits);
        if (to.bits() == 512 || to.number() >= 16 || from.number() >= 16) {
            evexPrefix(
                    VectorInstruction.Prefix.P66,
                    VectorInstruction.Map.M0F,
                    0,
                    to.bits(),
                    operation,
                    to.number(),
                    from,
                    0);
        } else {
            vexPrefix(
                    VectorInstruction.Prefix.P66,
                    VectorInstruction.Map.M0F,
                    0,
                    to.bits(),
                    operation,
                    to.number(),
                    from);
        }
        emit(opcode);
        modRm(operation, from, 1);
        emit(bits);
    }

    private static String sized(VectorInstruction instruction, Vector vector, Operand rm) {
        if (!(rm instanceof Memory memory)) {
            return rm instanceof General general ? general.halfText() : rm.text();
        }
        if (memory.broadcast()) {
            return "dword ptr " + memory.text() + "{1to" + vector.bits() / 32 + "}";
        }
        String name =
                switch (instruction.memoryBytes(vector.bits(), false)) {
                    case 4 -> "dword";
                    case 8 -> "qword";
                    case 16 -> "xmmword";
                    case 32 -> "ymmword";
                    default -> "zmmword";
                };
        return name + " ptr " + memory.text();
    }

    private void encode(
            VectorInstruction instruction,
            int bits,
            int reg,
            int first,
            Operand rm,
            int immediate,
            boolean highFirst,
            String operands) {
        boolean highRm = rm instanceof Vector vector && vector.number() >= 16;
        boolean broadcast = rm instanceof Memory memory && memory.broadcast();
        boolean evex = bits == 512 || reg >= 16 || highFirst || highRm || broadcast;
        listing.add(instruction.text(evex) + " " + operands);
        int length = instruction.reads == VectorInstruction.Reads.FOUR_BYTES && isScalar(instruction) ? 128 : bits;
        if (evex) {
            evexPrefix(instruction.prefix, instruction.map, instruction.wide, length, reg, first, rm, 0);
        } else {
            vexPrefix(instruction.prefix, instruction.map, instruction.wide, length, reg, first, rm);
        }
        emit(instruction.opcode);
        modRm(reg, rm, evex ? instruction.memoryBytes(bits, broadcast) : 1);
        if (immediate >= 0) {
            emit(immediate);
        }
    }

    private static boolean isScalar(VectorInstruction instruction) {
        return switch (instruction) {
            case VMOVSS_STORE, VMOVD, VADDSS, VMULSS -> true;
            default -> false;
        };
    }

    private void vexPrefix(
            VectorInstruction.Prefix prefix,
            VectorInstruction.Map map,
            int wide,
            int bits,
            int reg,
            int first,
            Operand rm) {
        int r = ~reg >> 3 & 1;
        int x = ~indexBit(rm) & 1;
        int b = ~(baseNumber(rm) >> 3) & 1;
        int last = (~first & 15) << 3 | (bits == 256 ? 4 : 0) | prefix.ordinal();
        if (x == 1 && b == 1 && wide == 0 && map == VectorInstruction.Map.M0F) {
            emit(0xC5, r << 7 | last);
        } else {
            emit(0xC4, r << 7 | x << 6 | b << 5 | map.ordinal() + 1, wide << 7 | last);
        }
    }

    private void evexPrefix(
            VectorInstruction.Prefix prefix,
            VectorInstruction.Map map,
            int wide,
            int bits,
            int reg,
            int first,
            Operand rm,
            int mask) {
        int high = rm instanceof Vector vector ? vector.number() >> 4 & 1 : indexBit(rm);
        int r = ~reg >> 3 & 1;
        int r2 = ~reg >> 4 & 1;
        int x = ~high & 1;
        int b = ~(baseNumber(rm) >> 3) & 1;
        int length = bits == 512 ? 2 : bits == 256 ? 1 : 0;
        int broadcast = rm instanceof Memory memory && memory.broadcast() ? 1 : 0;
        emit(0x62);
        emit(r << 7 | x << 6 | b << 5 | r2 << 4 | map.ordinal() + 1);
        emit(wide << 7 | (~first & 15) << 3 | 4 | prefix.ordinal());
        emit(length << 5 | broadcast << 4 | (~first >> 4 & 1) << 3 | mask);
    }

    private static int baseNumber(Operand rm) {
        return switch (rm) {
            case General general -> general.ordinal();
            case Vector vector -> vector.number();
            case Memory memory -> memory.base().ordinal();
        };
    }

    private static int indexBit(Operand rm) {
        return rm instanceof Memory memory && memory.index() != null
                ? memory.index().ordinal() >> 3
                : 0;
    }

    /** ModR/M, SIB and displacement; short displacements count in {@code unit} bytes. */
    private void modRm(int reg, Operand rm, int unit) {
        if (!(rm instanceof Memory memory)) {
            emit(0xC0 | (reg & 7) << 3 | baseNumber(rm) & 7);
            return;
        }
        int base = memory.base().ordinal() & 7;
        int displacement = memory.displacement();
        boolean none = displacement == 0 && base != 5;
        boolean small = displacement % unit == 0 && displacement / unit == (byte) (displacement / unit);
        int mode = none ? 0 : small ? 0x40 : 0x80;
        if (memory.index() != null || base == 4) {
            int index = memory.index() == null ? 4 : memory.index().ordinal() & 7;
            emit(mode | (reg & 7) << 3 | 4);
            emit(Integer.numberOfTrailingZeros(memory.scale()) << 6 | index << 3 | base);
        } else {
            emit(mode | (reg & 7) << 3 | base);
        }
        if (mode == 0x40) {
            emit(displacement / unit);
        } else if (mode == 0x80) {
            emit32(displacement);
        }
    }

    private void emit32(int value) {
        emit(value, value >> 8, value >> 16, value >> 24);
    }

    private void emit(int... bytes) {
        if (size + bytes.length > code.length) {
            code = Arrays.copyOf(code, 2 * code.length);
        }
        for (int value : bytes) {
            code[size++] = (byte) value;
        }
    }
}
