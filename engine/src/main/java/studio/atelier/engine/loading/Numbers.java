package studio.atelier.engine.loading;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;

/** Small tensors as floats: norms, biases. */
final class Numbers {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Numbers() {}

    /** The first {@code count} numbers; {@code type} is BF16, F16 or F32. */
    static float[] floats(MemorySegment bytes, DType type, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = switch (type) {
                case BF16 -> Float8.fromBfloat16(bytes.get(SHORT, 2L * i));
                case F16 -> Float.float16ToFloat(bytes.get(SHORT, 2L * i));
                case F32 -> bytes.get(FLOAT, 4L * i);
                case F64, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                    throw new IllegalArgumentException("numbers: expected BF16, F16 or F32, got " + type);
            };
        }
        return numbers;
    }
}
