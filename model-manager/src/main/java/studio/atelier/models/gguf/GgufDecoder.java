package studio.atelier.models.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.tensor.RowDecoder;

/**
 * Numbers of every {@link GgufType}. Letters follow ggml's descriptions: {@code d} and {@code dmin} are a block's scales,
 * {@code q} a code. Products are made from left to right in float32, as its reference does.
 */
final class GgufDecoder {
    private static final int[] IQ4 = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    private GgufDecoder() {}

    /** Reads {@code count} numbers, whole blocks, that begin at {@code offset}. */
    static void decode(GgufType type, MemorySegment bytes, long offset, float[] into, int at, int count) {
        long from = offset;
        for (int i = at; i < at + count; i += type.blockValues()) {
            switch (type) {
                case F32 -> into[i] = bytes.get(RowDecoder.FLOAT, from);
                case F16 -> into[i] = half(bytes, from);
                case BF16 -> into[i] = Float8.fromBfloat16(bytes.get(RowDecoder.SHORT, from));
                case Q4_0 -> q4(bytes, from, into, i);
                case Q8_0 -> q8(bytes, from, into, i);
                case Q4_K -> q4k(bytes, from, into, i);
                case Q5_K -> q5k(bytes, from, into, i);
                case Q6_K -> q6k(bytes, from, into, i);
                case IQ4_NL -> iq4(bytes, from + 2, half(bytes, from), into, i);
                case IQ4_XS -> iq4xs(bytes, from, into, i);
                case MXFP4 -> mxfp4(bytes, from, into, i);
            }
            from += type.blockBytes();
        }
    }

    static float half(MemorySegment bytes, long at) {
        return Float.float16ToFloat(bytes.get(RowDecoder.SHORT, at));
    }

    static int unsigned(MemorySegment bytes, long at) {
        return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    private static void q4(MemorySegment bytes, long from, float[] into, int at) {
        float d = half(bytes, from);
        for (int j = 0; j < 16; j++) {
            int q = unsigned(bytes, from + 2 + j);
            into[at + j] = ((q & 15) - 8) * d;
            into[at + j + 16] = ((q >> 4) - 8) * d;
        }
    }

    private static void q8(MemorySegment bytes, long from, float[] into, int at) {
        float d = half(bytes, from);
        for (int j = 0; j < 32; j++) {
            into[at + j] = bytes.get(ValueLayout.JAVA_BYTE, from + 2 + j) * d;
        }
    }

    /** The six-bit scale of sub-block {@code j} of eight; {@code from} is the first of the twelve bytes. */
    static int scale(MemorySegment bytes, long from, int j) {
        return j < 4
                ? unsigned(bytes, from + j) & 63
                : unsigned(bytes, from + j + 4) & 15 | unsigned(bytes, from + j - 4) >> 6 << 4;
    }

    /** The six-bit minimum of a sub-block. */
    static int minimum(MemorySegment bytes, long from, int j) {
        return j < 4
                ? unsigned(bytes, from + j + 4) & 63
                : unsigned(bytes, from + j + 4) >> 4 | unsigned(bytes, from + j) >> 6 << 4;
    }

    private static void q4k(MemorySegment bytes, long from, float[] into, int at) {
        float d = half(bytes, from);
        float dmin = half(bytes, from + 2);
        for (int j = 0; j < 8; j++) {
            float scale = d * scale(bytes, from + 4, j);
            float minimum = dmin * minimum(bytes, from + 4, j);
            long codes = from + 16 + j / 2 * 32;
            for (int l = 0; l < 32; l++) {
                into[at + j * 32 + l] = scale * (unsigned(bytes, codes + l) >> 4 * (j & 1) & 15) - minimum;
            }
        }
    }

    private static void q5k(MemorySegment bytes, long from, float[] into, int at) {
        float d = half(bytes, from);
        float dmin = half(bytes, from + 2);
        for (int j = 0; j < 8; j++) {
            float scale = d * scale(bytes, from + 4, j);
            float minimum = dmin * minimum(bytes, from + 4, j);
            for (int l = 0; l < 32; l++) {
                into[at + j * 32 + l] = scale * q5(bytes, from, j, l) - minimum;
            }
        }
    }

    /** The five-bit code of value {@code l} of a sub-block. */
    static int q5(MemorySegment bytes, long from, int j, int l) {
        int low = unsigned(bytes, from + 48 + j / 2 * 32 + l) >> 4 * (j & 1) & 15;
        return low | (unsigned(bytes, from + 16 + l) >> j & 1) << 4;
    }

    private static void q6k(MemorySegment bytes, long from, float[] into, int at) {
        float d = half(bytes, from + 208);
        for (int half = 0; half < 2; half++) {
            long low = from + half * 64L;
            long high = from + 128 + half * 32L;
            long scales = from + 192 + half * 8L;
            for (int part = 0; part < 4; part++) {
                for (int l = 0; l < 32; l++) {
                    int bits = unsigned(bytes, low + (part & 1) * 32 + l) >> 4 * (part >> 1) & 15;
                    int q = (bits | (unsigned(bytes, high + l) >> 2 * part & 3) << 4) - 32;
                    int scale = bytes.get(ValueLayout.JAVA_BYTE, scales + part * 2 + l / 16);
                    into[at + half * 128 + part * 32 + l] = d * scale * q;
                }
            }
        }
    }

    private static void iq4(MemorySegment bytes, long codes, float d, float[] into, int at) {
        for (int j = 0; j < 16; j++) {
            int q = unsigned(bytes, codes + j);
            into[at + j] = d * IQ4[q & 15];
            into[at + j + 16] = d * IQ4[q >> 4];
        }
    }

    private static void iq4xs(MemorySegment bytes, long from, float[] into, int at) {
        float d = half(bytes, from);
        int high = bytes.get(RowDecoder.SHORT, from + 2) & 0xFFFF;
        for (int j = 0; j < 8; j++) {
            int low = unsigned(bytes, from + 4 + j / 2) >> 4 * (j & 1) & 15;
            int scale = (low | (high >> 2 * j & 3) << 4) - 32;
            iq4(bytes, from + 8 + 16L * j, d * scale, into, at + 32 * j);
        }
    }

    private static void mxfp4(MemorySegment bytes, long from, float[] into, int at) {
        float scale = Float8.fromE8m0(bytes.get(ValueLayout.JAVA_BYTE, from));
        for (int j = 0; j < 16; j++) {
            int q = unsigned(bytes, from + 1 + j);
            into[at + j] = scale * Float8.fromE2m1(q & 15);
            into[at + j + 16] = scale * Float8.fromE2m1(q >> 4);
        }
    }
}
