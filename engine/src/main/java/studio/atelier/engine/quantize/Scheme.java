package studio.atelier.engine.quantize;

/**
 * A way to make a matrix smaller, as {@code config.json} of an MLX folder names it.
 *
 * @param bits of one code
 * @param groupSize neighbours in a row that share their scale
 */
public record Scheme(Mode mode, int bits, int groupSize) {
    /** What a code and its group's scale mean. */
    public enum Mode {
        /** {@code scale · code + bias}. */
        AFFINE,
        /** E2M1 codes, the scale a power of two. */
        MXFP4,
        /** E2M1 codes, the scale an E4M3 number. */
        NVFP4,
        /** E4M3 codes, the scale a power of two. */
        MXFP8
    }

    public Scheme {
        boolean fits =
                switch (mode) {
                    case AFFINE ->
                        bits >= 2 && bits <= 8 && bits != 7 && (groupSize == 32 || groupSize == 64 || groupSize == 128);
                    case MXFP4 -> bits == 4 && groupSize == 32;
                    case NVFP4 -> bits == 4 && groupSize == 16;
                    case MXFP8 -> bits == 8 && groupSize == 32;
                };
        if (!fits) {
            throw new IllegalArgumentException("scheme: expected affine of 2, 3, 4, 5, 6 or 8 bits in groups of 32, 64"
                    + " or 128, mxfp4 (4, 32), nvfp4 (4, 16) or mxfp8 (8, 32), got " + mode + " of " + bits
                    + " bits in groups of " + groupSize);
        }
    }

    public static Scheme affine(int bits, int groupSize) {
        return new Scheme(Mode.AFFINE, bits, groupSize);
    }

    public static Scheme mxfp4() {
        return new Scheme(Mode.MXFP4, 4, 32);
    }

    public static Scheme nvfp4() {
        return new Scheme(Mode.NVFP4, 4, 16);
    }

    public static Scheme mxfp8() {
        return new Scheme(Mode.MXFP8, 8, 32);
    }

    /** Whether rows of this many numbers divide into groups. */
    public boolean divides(long columns) {
        return columns > 0 && columns % groupSize == 0;
    }

    /** Bytes of one packed row. */
    public long rowBytes(long columns) {
        return Math.multiplyExact(columns, bits) / 8;
    }
}
