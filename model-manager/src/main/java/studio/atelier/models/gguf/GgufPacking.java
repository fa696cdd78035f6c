package studio.atelier.models.gguf;

import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.Float8;

/**
 * What a GGUF type becomes in the house's format. Types whose numbers are {@code scale · code + bias} in groups of 32
 * keep their codes: nothing is rounded but the scales of the K types, to float16. Types with other groups or with a code
 * book become 8-bit numbers, whose error is small beside the type's own.
 */
enum GgufPacking {
    /** As they lie there. */
    DENSE,
    /** The same codes in another order. */
    KEPT,
    KEPT_MXFP4,
    /** Decoded, and quantized to 8 bits. */
    EIGHT_BIT;

    static GgufPacking of(GgufType type) {
        return switch (type) {
            case F32, F16, BF16 -> DENSE;
            case Q4_0, Q8_0, Q4_K, Q5_K -> KEPT;
            case MXFP4 -> KEPT_MXFP4;
            case Q6_K, IQ4_NL, IQ4_XS -> EIGHT_BIT;
        };
    }

    static Optional<Scheme> scheme(GgufType type) {
        return switch (type) {
            case F32, F16, BF16 -> Optional.empty();
            case Q4_0, Q4_K -> Optional.of(Scheme.affine(4, 32));
            case Q5_K -> Optional.of(Scheme.affine(5, 32));
            case Q8_0, Q6_K, IQ4_NL, IQ4_XS -> Optional.of(Scheme.affine(8, 32));
            case MXFP4 -> Optional.of(Scheme.mxfp4());
        };
    }

    /** Codes, scale and bias of 32 numbers. */
    static final class Group {
        final int[] codes = new int[32];
        float scale;
        float bias;
        byte exponent;

        /** Reads group {@code index} of a row. */
        void read(GgufTensor tensor, long row, int index) throws EngineException {
            GgufType type = tensor.type();
            int groupsOfBlock = type.blockValues() / 32;
            long block = row * type.rowBytes(tensor.columns()) + (long) (index / groupsOfBlock) * type.blockBytes();
            int part = index % groupsOfBlock;
            var bytes = tensor.bytes();
            switch (type) {
                case Q4_0 -> {
                    nibbles(tensor, block + 2);
                    scale = GgufDecoder.half(bytes, block);
                    bias = -8 * scale;
                }
                case Q8_0 -> {
                    for (int j = 0; j < 32; j++) {
                        codes[j] = (byte) GgufDecoder.unsigned(bytes, block + 2 + j) + 128;
                    }
                    scale = GgufDecoder.half(bytes, block);
                    bias = -128 * scale;
                }
                case Q4_K, Q5_K -> {
                    for (int l = 0; l < 32; l++) {
                        codes[l] = type == GgufType.Q5_K
                                ? GgufDecoder.q5(bytes, block, part, l)
                                : GgufDecoder.unsigned(bytes, block + 16 + part / 2 * 32 + l) >> 4 * (part & 1) & 15;
                    }
                    scale = GgufDecoder.half(bytes, block) * GgufDecoder.scale(bytes, block + 4, part);
                    bias = -(GgufDecoder.half(bytes, block + 2) * GgufDecoder.minimum(bytes, block + 4, part));
                }
                case MXFP4 -> {
                    nibbles(tensor, block + 1);
                    exponent = (byte) GgufDecoder.unsigned(bytes, block);
                    scale = Float8.fromE8m0(exponent);
                    bias = 0;
                }
                case F32, F16, BF16, Q6_K, IQ4_NL, IQ4_XS ->
                    throw new IllegalArgumentException("type: expected one whose codes are kept, got " + type);
            }
            if (!Float.isFinite(Float.float16ToFloat(Float.floatToFloat16(scale))) && type != GgufType.MXFP4
                    || !Float.isFinite(Float.float16ToFloat(Float.floatToFloat16(bias)))) {
                throw new EngineException(
                        Reason.MODEL_FILE_BROKEN,
                        "The tensor " + tensor.name() + " has scales of " + scale + " and " + bias + " in row " + row
                                + ", which no model has; download it again.");
            }
        }

        private void nibbles(GgufTensor tensor, long at) {
            for (int j = 0; j < 16; j++) {
                int q = GgufDecoder.unsigned(tensor.bytes(), at + j);
                codes[j] = q & 15;
                codes[j + 16] = q >> 4;
            }
        }
    }
}
