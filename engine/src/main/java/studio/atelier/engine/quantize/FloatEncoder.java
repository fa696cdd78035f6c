package studio.atelier.engine.quantize;

import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;

/** Floats as the short patterns that files hold, rounded to the nearest. */
final class FloatEncoder {
    private static final int E2M1_CODES = 16;
    private static final float E4M3_MOST = 448;

    private FloatEncoder() {}

    /** As {@code type} would store it, back as float. */
    static float round(float value, DType type) {
        return switch (type) {
            case BF16 -> Float8.roundToBfloat16(value);
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            default -> value;
        };
    }

    /** The nearest E4M3 pattern, ties to even, at most 448 in size. */
    static byte toE4m3(float value) {
        float size = Math.min(Math.abs(value), E4M3_MOST);
        int sign = Float.floatToRawIntBits(value) >>> 24 & 0x80;
        // Below 2^-6 the steps are 2^-9 each; above, three bits follow the leading one.
        int exponent = Math.max(Math.getExponent(size), -6);
        int eighths = (int) Math.rint(size * Math.scalb(1f, 3 - exponent));
        int code = eighths < 8 ? eighths : ((exponent + 7) << 3) + eighths - 8;
        return (byte) (sign | code);
    }

    /** The nearest E2M1 code, distances rounded to {@code type}; between two, the one listed first. */
    static int toE2m1(float value, DType type) {
        int best = 0;
        float distance = Float.POSITIVE_INFINITY;
        for (int code = 0; code < E2M1_CODES; code++) {
            float at = round(Math.abs(value - Float8.fromE2m1(code)), type);
            if (at < distance) {
                distance = at;
                best = code;
            }
        }
        return best;
    }

    /** The power of two nearest in its exponent, as an E8M0 byte; one for zero. The logarithm is rounded to {@code type}. */
    static byte toE8m0(float scale, DType type) {
        float logarithm = scale == 0 ? 0 : round((float) (Math.log(scale) / Math.log(2)), type);
        return (byte) (Math.clamp(Math.rint(logarithm), -127.0, 127.0) + 127);
    }
}
