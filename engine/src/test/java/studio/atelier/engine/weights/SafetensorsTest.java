package studio.atelier.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.DType;

final class SafetensorsTest {
    private static final String A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    @TempDir
    Path folder;

    private record Broken(String what, byte[] file, Reason reason, String says) {}

    private static byte[] file(String header, int dataBytes) {
        return file(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    private static byte[] file(byte[] header, int dataBytes) {
        return ByteBuffer.allocate(8 + header.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .array();
    }

    private static byte[] withLength(long length, int fileBytes) {
        return ByteBuffer.allocate(fileBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }

    private static Broken broken(String what, String header, int dataBytes, String says) {
        return new Broken(what, file(header, dataBytes), Reason.MODEL_FILE_BROKEN, says);
    }

    private static Broken tensor(String what, String tensor, int dataBytes, String says) {
        return broken(what, "{" + tensor + "}", dataBytes, says);
    }

    private static Broken shaped(String what, String shape, int dataBytes, String says) {
        String tensor = "\"a\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0," + dataBytes + "]}";
        return tensor(what, tensor, dataBytes, says);
    }

    private static List<Broken> table() {
        String b = ",\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[";
        String nested = "[".repeat(5000) + "]".repeat(5000);
        byte[] notUtf8 = ("{\"\u00ff\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}")
                .getBytes(StandardCharsets.ISO_8859_1);
        return List.of(
                new Broken("empty", new byte[0], Reason.MODEL_FILE_BROKEN, "expected at least 10 bytes, got 0"),
                new Broken("nine bytes", new byte[9], Reason.MODEL_FILE_BROKEN, "at least 10 bytes, got 9"),
                new Broken("no header", withLength(1, 16), Reason.MODEL_FILE_BROKEN, "2 to 25000000 bytes, got 1"),
                new Broken("2^63", withLength(Long.MIN_VALUE, 16), Reason.MODEL_FILE_BROKEN, "got 9223372036854775808"),
                new Broken("too long", withLength(25_000_001, 16), Reason.MODEL_FILE_BROKEN, "got 25000001"),
                new Broken("past the end", withLength(9, 16), Reason.MODEL_FILE_BROKEN, "takes 9 bytes, but the file"),
                new Broken("not UTF-8", file(notUtf8, 0), Reason.MODEL_FILE_BROKEN, "not UTF-8"),
                broken("leading space", " {" + A + "}", 8, "begin with"),
                broken("a list", "[1,2]", 0, "begin with"),
                broken("cut off", "{" + A, 8, "not valid JSON"),
                broken("trailing text", "{" + A + "}x", 8, "not valid JSON"),
                broken("second object", "{" + A + "}{}", 8, "goes on after"),
                broken("duplicate tensor", "{" + A + "," + A + "}", 8, "Duplicate field 'a'"),
                broken("deep nesting", "{\"a\":" + nested + "}", 0, "expected an object, got START_ARRAY"),
                tensor("deep unknown key", "\"a\":{\"x\":" + nested + "}", 0, "not valid JSON"),
                broken("metadata number", "{\"__metadata__\":{\"k\":1}}", 0, "k: expected a text"),
                broken("metadata list", "{\"__metadata__\":[]}", 0, "__metadata__: expected an object"),
                tensor("no dtype", "\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}", 8, "one is missing"),
                tensor("one offset", "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}", 8, "got [8]"),
                tensor("reversed", "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}", 8, "got [8, 0]"),
                shaped("negative axis", "[-2]", 8, "from 0 to 2^63 - 1, got -2"),
                shaped("fractional axis", "[2.5]", 8, "got 2.5"),
                shaped("huge axis", "[9223372036854775808]", 8, "got 9223372036854775808"),
                shaped("overflowing shape", "[4294967296,4294967296,4]", 8, "more than any file can hold"),
                shaped("overflow to fit", "[4611686018427387906]", 8, "more than any file can hold"),
                shaped("seventeen axes", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", 4, "at most 16"),
                shaped("shape too small", "[1]", 8, "F32 [1] takes 4 bytes, but data_offsets span 8"),
                new Broken(
                        "unknown dtype",
                        file("{\"a\":{\"dtype\":\"F7\",\"shape\":[8],\"data_offsets\":[0,8]}}", 8),
                        Reason.DTYPE_UNSUPPORTED,
                        "a has the element type F7"),
                tensor("overlap", A + b + "6,10]}", 10, "b: begins at 6, inside the tensor that ends at 8"),
                tensor("hole", A + b + "10,14]}", 14, "b: begins at 10, leaving a hole after 8"),
                tensor(
                        "hole in front",
                        "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}",
                        4,
                        "hole after 0"),
                tensor("short file", A, 5, "it ends 3 bytes early: expected 8 bytes of tensors, got 5"),
                tensor("long file", A, 9, "it has 1 bytes that belong to no tensor"));
    }

    @TestFactory
    Stream<DynamicTest> openRefuses() {
        return table().stream()
                .map(broken -> DynamicTest.dynamicTest(broken.what(), () -> {
                    Path file = folder.resolve("broken.safetensors");
                    Files.write(file, broken.file());
                    var refusal = assertThrows(EngineException.class, () -> Safetensors.open(file));
                    assertEquals(broken.reason(), refusal.reason(), refusal.getMessage());
                    String message = String.valueOf(refusal.getMessage());
                    assertTrue(message.contains(broken.says()), message);
                    assertTrue(message.startsWith(file.toString()) && message.endsWith("."), message);
                }));
    }

    @Test
    void openRefusesAMissingFile() {
        var refusal = assertThrows(EngineException.class, () -> Safetensors.open(folder.resolve("none.safetensors")));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusal.reason());
    }

    @Test
    void openReadsTensorsAtOddOffsets() throws IOException, EngineException {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"y\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[3,7],\"later\":{\"x\":[1]}},"
                + "\"x\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                + "\"z\":{\"dtype\":\"BF16\",\"shape\":[4,0],\"data_offsets\":[7,7]}}   ";
        byte[] bytes = file(header, 7);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).put(bytes.length - 5, (byte) 9);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, 1.5f);
        Path file = folder.resolve("odd.safetensors");
        Files.write(file, bytes);
        try (Safetensors opened = Safetensors.open(file)) {
            assertEquals(List.of("x", "y", "z"), List.copyOf(opened.tensors().keySet()));
            assertEquals(Map.of("format", "pt"), opened.metadata());
            StoredTensor x = opened.tensors().get("x");
            assertEquals(9, x.bytes().get(ValueLayout.JAVA_BYTE, 2));
            StoredTensor y = opened.tensors().get("y");
            assertEquals(1.5f, y.bytes().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
            assertEquals(DType.F32, y.dtype());
            assertEquals(0, y.rank());
            assertEquals(1, y.count());
            assertArrayEquals(new long[] {4, 0}, opened.tensors().get("z").shape());
            assertTrue(x.bytes().isReadOnly());
        }
    }

    @Test
    void closeEndsTheMapping() throws IOException, EngineException {
        Path file = folder.resolve("a.safetensors");
        Files.write(file, file("{" + A + "}", 8));
        Safetensors opened = Safetensors.open(file);
        StoredTensor a = opened.tensors().get("a");
        opened.close();
        assertThrows(IllegalStateException.class, () -> a.bytes().get(ValueLayout.JAVA_BYTE, 0));
    }
}
