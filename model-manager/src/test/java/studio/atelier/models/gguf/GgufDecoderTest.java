package studio.atelier.models.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every type against its description, one value at a time and in double precision: which bits belong to value {@code i}
 * of a block is computed from {@code i} alone, as the format's table says it, and not in the decoder's order.
 */
final class GgufDecoderTest {
    private static final int BLOCKS = 50;
    private static final double[] E2M1 = {0, .5, 1, 1.5, 2, 3, 4, 6};
    private static final int[] BOOK = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** A block's bytes, read like the table. */
    private record Block(ByteBuffer bytes) {
        int u8(int at) {
            return bytes.get(at) & 0xFF;
        }

        double f16(int at) {
            return Float.float16ToFloat(bytes.getShort(at));
        }

        /** Four bits: the low ones of the first sixteen, then the high ones of the same bytes. */
        int nibble(int from, int half, int i) {
            return i < half ? u8(from + i) & 15 : u8(from + i - half) >> 4;
        }

        /** Twelve bytes hold eight scales and eight minima of six bits. */
        int six(int from, int j, boolean minimum) {
            if (j < 4) {
                return u8(from + j + (minimum ? 4 : 0)) % 64;
            }
            int low = minimum ? u8(from + j + 4) / 16 : u8(from + j + 4) % 16;
            int high = u8(from + j - (minimum ? 0 : 4)) / 64;
            return low + 16 * high;
        }
    }

    private static double expected(GgufType type, Block b, int i) {
        return switch (type) {
            case F32 -> b.bytes().getFloat(0);
            case F16 -> b.f16(0);
            case BF16 -> Float.intBitsToFloat(b.bytes().getShort(0) << 16);
            case Q4_0 -> b.f16(0) * (b.nibble(2, 16, i) - 8);
            case Q8_0 -> b.f16(0) * b.bytes().get(2 + i);
            case IQ4_NL -> b.f16(0) * BOOK[b.nibble(2, 16, i)];
            case MXFP4 -> {
                int code = b.nibble(1, 16, i);
                yield Math.pow(2, b.u8(0) - 127) * E2M1[code % 8] * (code < 8 ? 1 : -1);
            }
            case Q4_K -> {
                int code = b.nibble(16 + 32 * (i / 64), 32, i % 64);
                yield b.f16(0) * b.six(4, i / 32, false) * code - b.f16(2) * b.six(4, i / 32, true);
            }
            case Q5_K -> {
                int fifth = b.u8(16 + i % 32) >> (i / 32) & 1;
                int code = b.nibble(48 + 32 * (i / 64), 32, i % 64) + 16 * fifth;
                yield b.f16(0) * b.six(4, i / 32, false) * code - b.f16(2) * b.six(4, i / 32, true);
            }
            case Q6_K -> {
                int inHalf = i % 128;
                int low = b.u8(64 * (i / 128) + inHalf % 64);
                int four = inHalf < 64 ? low % 16 : low / 16;
                int two = b.u8(128 + 32 * (i / 128) + inHalf % 32) >> 2 * (inHalf / 32) & 3;
                yield b.f16(208) * b.bytes().get(192 + i / 16) * (four + 16 * two - 32);
            }
            case IQ4_XS -> {
                int j = i / 32;
                int low = j % 2 == 0 ? b.u8(4 + j / 2) % 16 : b.u8(4 + j / 2) / 16;
                int high = (b.bytes().getShort(2) & 0xFFFF) >> 2 * j & 3;
                yield b.f16(0) * (low + 16 * high - 32) * BOOK[b.nibble(8 + 16 * j, 16, i % 32)];
            }
        };
    }

    static byte[] random(GgufType type, int blocks, long seed) {
        byte[] bytes = new byte[type.blockBytes() * blocks];
        Random random = new Random(seed);
        random.nextBytes(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < blocks; block++) {
            int at = block * type.blockBytes();
            short scale = Float.floatToFloat16((float) random.nextGaussian() / 16);
            switch (type) {
                case F32 -> buffer.putFloat(at, (float) random.nextGaussian());
                case BF16 ->
                    buffer.putShort(at, (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
                case F16, Q4_0, Q8_0, IQ4_NL, IQ4_XS -> buffer.putShort(at, scale);
                case Q4_K, Q5_K -> {
                    buffer.putShort(at, scale);
                    buffer.putShort(at + 2, Float.floatToFloat16((float) random.nextGaussian() / 32));
                }
                case Q6_K -> buffer.putShort(at + 208, scale);
                case MXFP4 -> bytes[at] = (byte) (110 + random.nextInt(30));
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(GgufType.class)
    void decodesAsDescribed(GgufType type) {
        byte[] bytes = random(type, BLOCKS, type.ordinal());
        float[] values = new float[BLOCKS * type.blockValues()];
        GgufDecoder.decode(type, MemorySegment.ofArray(bytes), 0, values, 0, values.length);
        double largest = 0;
        for (int block = 0; block < BLOCKS; block++) {
            ByteBuffer one = ByteBuffer.wrap(bytes, block * type.blockBytes(), type.blockBytes())
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < type.blockValues(); i++) {
                double wanted = expected(type, new Block(one), i);
                float got = values[block * type.blockValues() + i];
                assertEquals(
                        wanted, got, 1e-6 * Math.max(0.1, Math.abs(wanted)), type + " block " + block + " value " + i);
                largest = Math.max(largest, Math.abs(wanted));
            }
        }
        assertTrue(largest > 0.01, "only small numbers were compared");
    }
}
