package studio.atelier.models.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes GGUF files, right ones and wrong ones. */
final class GgufBytes {
    private record Tensor(String name, GgufType type, long[] shape, byte[] bytes) {}

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();

    GgufBytes with(String key, Object value) {
        metadata.put(key, value);
        return this;
    }

    /** {@code shape} slowest axis first. */
    GgufBytes with(String name, GgufType type, byte[] bytes, long... shape) {
        tensors.add(new Tensor(name, type, shape, bytes));
        return this;
    }

    byte[] build() {
        var out = new ByteArrayOutputStream();
        put(out, 4, 0x46554747);
        put(out, 4, 3);
        put(out, 8, tensors.size());
        put(out, 8, metadata.size());
        metadata.forEach((key, value) -> {
            text(out, key);
            value(out, value);
        });
        long offset = 0;
        for (Tensor tensor : tensors) {
            text(out, tensor.name());
            put(out, 4, tensor.shape().length);
            for (int i = tensor.shape().length - 1; i >= 0; i--) {
                put(out, 8, tensor.shape()[i]);
            }
            put(out, 4, tensor.type().id());
            put(out, 8, offset);
            offset += (tensor.bytes().length + 31) / 32 * 32;
        }
        for (Tensor tensor : tensors) {
            out.writeBytes(new byte[(32 - out.size() % 32) % 32]);
            out.writeBytes(tensor.bytes());
        }
        return out.toByteArray();
    }

    private static void value(ByteArrayOutputStream out, Object value) {
        put(out, 4, kind(value));
        bare(out, value);
    }

    private static int kind(Object value) {
        return switch (value) {
            case Integer _ -> 4;
            case Float _ -> 6;
            case Boolean _ -> 7;
            case String _ -> 8;
            case List<?> _ -> 9;
            default -> throw new IllegalArgumentException("value: " + value);
        };
    }

    private static void bare(ByteArrayOutputStream out, Object value) {
        switch (value) {
            case Integer whole -> put(out, 4, whole);
            case Float real -> put(out, 4, Float.floatToRawIntBits(real));
            case Boolean flag -> out.write(flag ? 1 : 0);
            case String text -> text(out, text);
            case List<?> list -> {
                put(out, 4, kind(list.getFirst()));
                put(out, 8, list.size());
                list.forEach(item -> bare(out, item));
            }
            default -> throw new IllegalArgumentException("value: " + value);
        }
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        put(out, 8, bytes.length);
        out.writeBytes(bytes);
    }

    private static void put(ByteArrayOutputStream out, int bytes, long value) {
        out.write(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array(),
                0,
                bytes);
    }
}
