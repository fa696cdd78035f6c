package studio.atelier.models.gguf;

import java.util.Arrays;
import java.util.Optional;

/**
 * How a row of numbers lies in a GGUF file: in blocks, each with its own scales. Source: ggml's descriptions of its
 * types as of August 2026.
 */
public enum GgufType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    IQ4_NL(20, 32, 18),
    IQ4_XS(23, 256, 136),
    BF16(30, 1, 2),
    MXFP4(39, 32, 17);

    private final int id;
    private final int blockValues;
    private final int blockBytes;

    GgufType(int id, int blockValues, int blockBytes) {
        this.id = id;
        this.blockValues = blockValues;
        this.blockBytes = blockBytes;
    }

    static Optional<GgufType> of(int id) {
        return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
    }

    int id() {
        return id;
    }

    /** Numbers of a block. */
    public int blockValues() {
        return blockValues;
    }

    /** Bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Bytes of a row of so many numbers, a multiple of the block's. */
    public long rowBytes(long columns) {
        return Math.multiplyExact(columns / blockValues, blockBytes);
    }
}
