package studio.atelier.engine.tensor;

/**
 * Numbers of one byte or less as floats. Sources: OCP FP8 and Microscaling 1.0; bytes without a number follow MLX
 * 0.32, which reads E4M3 0x7F as 480.
 */
public final class Float8 {
    private static final float[] E4M3 = new float[256];
    private static final float[] E5M2 = new float[256];
    private static final float[] E2M1 = {0, .5f, 1, 1.5f, 2, 3, 4, 6, -0f, -.5f, -1, -1.5f, -2, -3, -4, -6};

    static {
        for (int code = 0; code < 256; code++) {
            E4M3[code] = decode(code, 3, 7);
            // E5M2 is the upper half of a float16.
            E5M2[code] = Float.float16ToFloat((short) (code << 8));
        }
    }

    private Float8() {}

    private static float decode(int code, int mantissaBits, int bias) {
        int mantissa = code & ((1 << mantissaBits) - 1);
        int exponent = (code & 0x7F) >> mantissaBits;
        float fraction = (float) mantissa / (1 << mantissaBits);
        float size = exponent == 0 ? Math.scalb(fraction, 1 - bias) : Math.scalb(1 + fraction, exponent - bias);
        return (code & 0x80) == 0 ? size : -size;
    }

    public static float fromE4m3(byte code) {
        return E4M3[code & 0xFF];
    }

    public static float fromE5m2(byte code) {
        return E5M2[code & 0xFF];
    }

    /** Of the low four bits. */
    public static float fromE2m1(int code) {
        return E2M1[code & 15];
    }

    /** A power of two, {@code 2^(code - 127)}. */
    public static float fromE8m0(byte code) {
        return Math.scalb(1f, (code & 0xFF) - 127);
    }

    /** A bfloat16 pattern as float. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest bfloat16, ties to even, as float. */
    public static float roundToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = bits + 0x7FFF + ((bits >>> 16) & 1);
        return Float.isNaN(value) ? value : Float.intBitsToFloat(rounded & 0xFFFF0000);
    }
}
