package studio.atelier.engine.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.backend.cpu.AffineCodes;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.StoredTensor;

/** Against what MLX 0.32.1 made of the same numbers; see the README beside the golden data for the keys. */
final class QuantizerTest {
    private static final Pattern PACKED =
            Pattern.compile("(f32|bf16|f16)\\.(affine\\.b(\\d)\\.g(\\d+)|mxfp4|nvfp4|mxfp8)\\.packed");

    static Safetensors golden(String name) throws EngineException {
        try {
            return Safetensors.open(Path.of(QuantizerTest.class
                    .getResource("/golden/quant/" + name + ".safetensors")
                    .toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "constant", "large", "onesided", "outlier", "ties", "tiny", "zero"})
    void quantizeEqualsMlxBitForBit(String name) throws EngineException {
        try (Safetensors golden = golden(name)) {
            Map<String, StoredTensor> tensors = golden.tensors();
            int cases = 0;
            for (String key : tensors.keySet()) {
                Matcher matcher = PACKED.matcher(key);
                if (matcher.matches()) {
                    check(tensors, key.substring(0, key.length() - ".packed".length()), matcher);
                    cases++;
                }
            }
            assertTrue(cases >= 18, name + " holds " + cases + " cases");
        }
    }

    private static void check(Map<String, StoredTensor> tensors, String key, Matcher matcher) {
        StoredTensor weights = tensors.get(matcher.group(1) + ".w");
        Scheme scheme =
                switch (matcher.group(2)) {
                    case "mxfp4" -> Scheme.mxfp4();
                    case "nvfp4" -> Scheme.nvfp4();
                    case "mxfp8" -> Scheme.mxfp8();
                    default -> Scheme.affine(Integer.parseInt(matcher.group(3)), Integer.parseInt(matcher.group(4)));
                };
        int columns = (int) weights.axis(1);
        float[] values = floats(weights);
        int rows = (int) weights.axis(0);
        check(key, tensors, Quantizer.quantize(values, rows, columns, scheme, weights.dtype()));
        check(key, tensors, Quantizer.plain(values, rows, columns, scheme, weights.dtype()));
    }

    private static void check(String key, Map<String, StoredTensor> tensors, Quantized quantized) {
        same(key + ".packed", tensors, quantized.packed());
        same(key + ".scales", tensors, quantized.scales());
        if (quantized.scheme().mode() == Scheme.Mode.AFFINE) {
            same(key + ".biases", tensors, quantized.biases());
        }
    }

    private static void same(String key, Map<String, StoredTensor> tensors, MemorySegment got) {
        StoredTensor expected = tensors.get(key);
        assertArrayEquals(expected.bytes().toArray(ValueLayout.JAVA_BYTE), got.toArray(ValueLayout.JAVA_BYTE), key);
    }

    private static float[] floats(StoredTensor tensor) {
        float[] values = new float[(int) tensor.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (tensor.dtype()) {
                case BF16 -> Float8.fromBfloat16(tensor.bytes().get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
                case F16 -> Float.float16ToFloat(tensor.bytes().get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
                default -> tensor.bytes().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            };
        }
        return values;
    }

    /** Numbers of every size, with groups that are constant, one-sided, all zero, or hold one number that is far out. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void vectorsMakeTheSameBits(int bits) {
        Random random = new Random(bits);
        Quantizer.Room room = new Quantizer.Room();
        for (int round = 0; round < 60; round++) {
            int groupSize = 32 << random.nextInt(3);
            int rows = 1 + random.nextInt(5);
            int columns = groupSize * (1 + random.nextInt(40));
            DType type = List.of(DType.BF16, DType.F16, DType.F32).get(random.nextInt(3));
            float[] values = new float[rows * columns];
            float size = (float) Math.pow(10, random.nextInt(8) - 6);
            for (int group = 0; group < values.length / groupSize; group++) {
                int kind = random.nextInt(8);
                for (int i = group * groupSize; i < (group + 1) * groupSize; i++) {
                    float value = size * (float) random.nextGaussian();
                    float shaped =
                            switch (kind) {
                                case 0 -> size;
                                case 1 -> Math.abs(value);
                                case 2 -> -Math.abs(value);
                                case 3 -> random.nextBoolean() ? 0f : -0f;
                                case 4 -> i % groupSize == 7 ? 100 * value : value;
                                case 5 -> size * Math.round(value / size * 4) / 4;
                                default -> value;
                            };
                    values[i] = FloatEncoder.round(shaped, type);
                }
            }
            Scheme scheme = Scheme.affine(bits, groupSize);
            Quantized expected = Quantizer.plain(values, rows, columns, scheme, type);
            Quantized got = Quantizer.quantize(values, rows, columns, scheme, type, room);
            String what = type + " " + scheme + " round " + round;
            assertEquals(-1, expected.packed().mismatch(got.packed()), what);
            assertEquals(-1, expected.scales().mismatch(got.scales()), what);
            assertEquals(-1, expected.biases().mismatch(got.biases()), what);
            if (AffineCodes.isUsable()) {
                isTheSameWithVectors(got, values, groupSize, bits, type, what);
            }
            assertEquals(expected.squares(), got.squares(), 1e-5 * expected.squares(), what);
            assertEquals(expected.errorSquares(), got.errorSquares(), 1e-3 * expected.errorSquares() + 1e-30, what);
        }
    }

    /** Which of both ways is gone depends on the compiler's haste: not even the sums may tell. */
    private static void isTheSameWithVectors(
            Quantized plainly, float[] values, int groupSize, int bits, DType type, String what) {
        int groups = values.length / groupSize;
        byte[] packed = new byte[(int) plainly.packed().byteSize()];
        float[] scales = new float[groups];
        float[] biases = new float[groups];
        double[] sums = AffineCodes.quantize(values, groups, groupSize, bits, type, packed, scales, biases);
        assertEquals(-1, plainly.packed().mismatch(MemorySegment.ofArray(packed)), what);
        for (int group = 0; group < groups; group++) {
            long at = (long) group * type.sizeBytes();
            assertEquals(RowDecoder.number(plainly.scales(), type, at), scales[group], 0f, what);
            assertEquals(RowDecoder.number(plainly.biases(), type, at), biases[group], 0f, what);
        }
        assertEquals(plainly.squares(), sums[0], 0, what);
        assertEquals(plainly.errorSquares(), sums[1], 0, what);
    }

    /** Every pattern, at every place within a vector. */
    @Test
    void readsEveryBfloat16() {
        try (Arena arena = Arena.ofConfined()) {
            int count = 1 << 16;
            MemorySegment bytes = arena.allocate(2L * count + 1, 1);
            float[] read = new float[count + 3];
            for (int shift = 0; shift < 20; shift++) {
                for (int i = 0; i < count; i++) {
                    bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, 1 + 2L * i, (short) (i + shift));
                }
                Weight row = Weight.dense("row", 1, count - shift, DType.BF16, bytes.asSlice(1));
                AffineCodes.fromBfloat16(row.values().bytes(), 0, row.columns(), read, 3);
                for (int i = 0; i < count - shift; i++) {
                    int bits = Float.floatToRawIntBits(read[3 + i]);
                    assertEquals((i + shift & 0xFFFF) << 16, bits, "pattern " + (i + shift));
                }
            }
        }
    }

    @Test
    void roundsAsTheTypeDoes() {
        Random random = new Random(1);
        for (DType type : List.of(DType.BF16, DType.F16, DType.F32)) {
            float[] values = new float[1_003];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6) - 4));
            }
            float[] rounded = values.clone();
            assertEquals(-1, AffineCodes.round(rounded, rounded.length, type));
            for (int i = 0; i < values.length; i++) {
                assertEquals(FloatEncoder.round(values[i], type), rounded[i], 0f);
            }
            for (float strange : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                int at = random.nextInt(values.length);
                float[] broken = values.clone();
                broken[at] = strange;
                assertEquals(at, AffineCodes.round(broken, broken.length, type), type + " " + strange);
            }
        }
        float[] tooLarge = {1, Float.MAX_VALUE};
        assertEquals(1, AffineCodes.round(tooLarge, 2, DType.BF16), "becomes infinite in BF16");
    }

    @Test
    void e4m3EqualsMlx() throws EngineException {
        try (Safetensors golden = golden("fp8")) {
            float[] in = floats(golden.tensors().get("encode.in"));
            MemorySegment out = golden.tensors().get("encode.out").bytes();
            for (int i = 0; i < in.length; i++) {
                assertEquals(out.get(ValueLayout.JAVA_BYTE, i), FloatEncoder.toE4m3(in[i]), "of " + in[i]);
            }
        }
    }

    @Test
    void quantizeRefusesRowsThatDoNotDivide() {
        var refusal = assertThrows(
                IllegalArgumentException.class,
                () -> Quantizer.quantize(new float[96], 1, 96, Scheme.affine(4, 64), DType.F32));
        assertEquals("quantize: expected [1, a multiple of 64], got 96 values in rows of 96", refusal.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Scheme.affine(7, 64));
        assertThrows(IllegalArgumentException.class, () -> Scheme.affine(4, 16));
    }
}
