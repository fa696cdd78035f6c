package studio.atelier.engine.backend.cpu.emit;

import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;

/**
 * How the codes of a quantized weight lie, and how x has to be coded to stand beside them.
 *
 * <p>All are multiplied by one formula. A weight is {@code s · (c − z) + b} with a code c that is a whole number from 0
 * on, its middle z, and one scale s and bias b for each group of neighbours; {@code b = β + z · s} where the file counts
 * from 0 with a bias β. Of x each group has 8-bit codes q, one factor d, and the exact sum m:
 *
 * <pre>  y = sum over groups of  s · d · (sum of c · q  −  z · sum of q)  +  b · m</pre>
 *
 * <p>The bracket is of whole numbers and exact. Counting from the middle keeps what rounding q costs small: it is
 * multiplied by the distance from the middle instead of the code.
 */
public enum CodeForm {
    /** Affine with 4 bits, groups of 64. */
    NIBBLES(4, 64, 8),
    /** Affine with 4 bits, groups of 32. */
    NIBBLES_BY_32(4, 32, 8),
    /** Affine with 8 bits, groups of 64. */
    BYTES(8, 64, 128),
    /** Affine with 8 bits, groups of 32. */
    BYTES_BY_32(8, 32, 128),
    /**
     * MXFP4, groups of 32: a table turns the 16 patterns of E2M1 into twice their number, counted from its least, which
     * is 0 to 24. No bias; that it is twice the number is made up for in x's factors.
     */
    HALVES(4, 32, 12);

    /** Columns that are always taken together. */
    public static final int BLOCK = 64;

    /** Asking an enum for its values copies them, and this is asked for every product. */
    private static final CodeForm[] ALL = values();

    private static final int[] TWICE_E2M1 = {0, 1, 2, 3, 4, 6, 8, 12};

    private final int bits;
    private final int groupSize;
    private final int middle;

    CodeForm(int bits, int groupSize, int middle) {
        this.bits = bits;
        this.groupSize = groupSize;
        this.middle = middle;
    }

    /** The form of a format's codes; null when there are no kernels for it. */
    public static @Nullable CodeForm of(QuantFormat format) {
        return switch (format) {
            case QuantFormat.Affine affine -> {
                for (CodeForm form : ALL) {
                    if (form.isBiased() && form.bits == affine.bits() && form.groupSize == affine.groupSize()) {
                        yield form;
                    }
                }
                yield null;
            }
            case QuantFormat.Mxfp4 _ -> HALVES;
            case QuantFormat.Dense _, QuantFormat.Fp8Tiles _, QuantFormat.Nvfp4 _, QuantFormat.Mxfp8 _ -> null;
        };
    }

    /** What the scales of a format are that has a form. */
    public static DType scaleType(QuantFormat format) {
        return format instanceof QuantFormat.Affine affine ? affine.scaleType() : DType.F8_E8M0;
    }

    /** Bits of a code, 4 or 8. */
    public int bits() {
        return bits;
    }

    /** Neighbours with one scale: 32 or 64. */
    public int groupSize() {
        return groupSize;
    }

    /** Where codes are counted from. */
    public int middle() {
        return middle;
    }

    /** Whether there are biases; else they are all 0 when counted from the middle. */
    public boolean isBiased() {
        return this != HALVES;
    }

    /** Whether bits stand for a number of a table. */
    boolean looksUp() {
        return this == HALVES;
    }

    /** What one step of a code of the weight is worth. */
    public float unit() {
        return this == HALVES ? 0.5f : 1;
    }

    /** Whether codes of x lie in the order of columns; else even ones first, as the halves of a byte hold them. */
    public boolean isInOrder() {
        return bits == 8;
    }

    /** Groups in {@link #BLOCK} columns. */
    public int blockGroups() {
        return BLOCK / groupSize;
    }

    /** Bytes of {@link #BLOCK} columns of a weight. */
    public int blockBytes() {
        return BLOCK * bits / 8;
    }

    /** Four neighbours of the table from {@code 4 · part} on, the first lowest. */
    int table(int part) {
        int four = 0;
        for (int i = 0; i < 4; i++) {
            int pattern = 4 * part + i;
            int twice = TWICE_E2M1[pattern & 7];
            four |= middle + (pattern < 8 ? twice : -twice) << 8 * i;
        }
        return four;
    }
}
