package studio.atelier.engine.backend.cpu.emit;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an instruction works on. */
sealed interface Operand {
    /** A general register of 64 bits, numbered as the processor does. */
    enum General implements Operand {
        RAX,
        RCX,
        RDX,
        RBX,
        RSP,
        RBP,
        RSI,
        RDI,
        R8,
        R9,
        R10,
        R11,
        R12,
        R13,
        R14,
        R15;

        @Override
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Name of the lower half. */
        String halfText() {
            return ordinal() < 8 ? "e" + text().substring(1) : text() + "d";
        }
    }

    /** A vector register: 0 to 15 for VEX, to 31 for EVEX; 128, 256 or 512 bits. */
    record Vector(int number, int bits) implements Operand {
        static Vector xmm(int number) {
            return new Vector(number, 128);
        }

        static Vector ymm(int number) {
            return new Vector(number, 256);
        }

        static Vector zmm(int number) {
            return new Vector(number, 512);
        }

        /** The same register, looked at with another width. */
        Vector as(int otherBits) {
            return new Vector(number, otherBits);
        }

        @Override
        public String text() {
            return (bits == 128 ? "xmm" : bits == 256 ? "ymm" : "zmm") + number;
        }
    }

    /**
     * An address {@code base + index · scale + displacement}.
     *
     * @param broadcast one 32-bit element read for all lanes, EVEX only
     */
    record Memory(General base, @Nullable General index, int scale, int displacement, boolean broadcast)
            implements Operand {
        static Memory at(General base, int displacement) {
            return new Memory(base, null, 1, displacement, false);
        }

        static Memory at(General base, General index, int scale, int displacement) {
            return new Memory(base, index, scale, displacement, false);
        }

        Memory plus(int bytes) {
            return new Memory(base, index, scale, displacement + bytes, broadcast);
        }

        Memory broadcasted() {
            return new Memory(base, index, scale, displacement, true);
        }

        @Override
        public String text() {
            String sum = base.text();
            if (index != null) {
                sum += "+" + index.text() + "*" + scale;
            }
            if (displacement != 0) {
                sum += (displacement > 0 ? "+" : "") + displacement;
            }
            return "[" + sum + "]";
        }
    }

    /** As the GNU assembler's Intel syntax writes it. */
    String text();
}
