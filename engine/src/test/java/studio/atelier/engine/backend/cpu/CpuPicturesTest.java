package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.RotaryTable;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/** Operations for pictures beside their formulas in double: the scalar reference, one thread, several. */
final class CpuPicturesTest {
    private static final double TOLERANCE = 2e-5;
    private final Random random = new Random(11);

    private static void onEach(BiConsumer<CpuBackend, PictureOperations> check) {
        for (CpuBackend each : List.of(CpuBackend.scalar(), CpuBackend.vectorized(1), CpuBackend.vectorized(3))) {
            try (CpuBackend backend = each;
                    Pass _ = backend.beginPass()) {
                check.accept(backend, backend.pictures().orElseThrow());
            }
        }
    }

    @ParameterizedTest(name = "{0} × {1} × {2} to {3}, window {4} × {5}, stride {6}, borders {7} and {8}")
    @CsvSource({
        "7, 5, 3, 4, 3, 3, 1, 1, 1",
        "8, 6, 5, 7, 3, 3, 2, 0, 1",
        "12, 8, 3, 10, 4, 4, 4, 0, 0",
        "9, 11, 16, 6, 1, 1, 1, 0, 0",
        "20, 19, 8, 33, 3, 3, 1, 1, 1",
        "6, 6, 2, 3, 5, 2, 1, 2, 2",
    })
    void convolvesByTheFormula(
            int height, int width, int channels, int outputs, int kh, int kw, int stride, int before, int after) {
        float[] x = floats(height * width * channels);
        float[] w = floats(outputs * kh * kw * channels);
        float[] b = floats(outputs);
        Window window = new Window(kh, kw, stride, before, after);
        onEach((backend, pictures) -> {
            Tensor got = pictures.convolve(
                    backend.upload(Shape.of(height, width, channels), x),
                    weight(outputs, kh * kw * channels, w),
                    Optional.of(backend.upload(Shape.of(outputs), b)),
                    window);
            int outHeight = (height + before + after - kh) / stride + 1;
            int outWidth = (width + before + after - kw) / stride + 1;
            assertEquals(Shape.of(outHeight, outWidth, outputs), got.shape());
            float[] out = read(got);
            for (int y = 0; y < outHeight; y++) {
                for (int px = 0; px < outWidth; px++) {
                    for (int o = 0; o < outputs; o++) {
                        double sum = b[o];
                        for (int dy = 0; dy < kh; dy++) {
                            for (int dx = 0; dx < kw; dx++) {
                                int sy = y * stride - before + dy;
                                int sx = px * stride - before + dx;
                                if (sy < 0 || sy >= height || sx < 0 || sx >= width) {
                                    continue;
                                }
                                for (int c = 0; c < channels; c++) {
                                    sum += (double) x[(sy * width + sx) * channels + c]
                                            * w[((o * kh + dy) * kw + dx) * channels + c];
                                }
                            }
                        }
                        assertEquals(sum, out[(y * outWidth + px) * outputs + o], TOLERANCE);
                    }
                }
            }
        });
    }

    @Test
    void refusesAFilterForOtherChannels() {
        onEach((backend, pictures) -> {
            Tensor x = backend.upload(Shape.of(4, 4, 3), floats(48));
            Weight filter = weight(2, 9 * 4, floats(72));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> pictures.convolve(x, filter, Optional.empty(), Window.AROUND));
        });
    }

    @ParameterizedTest
    @EnumSource
    void normsGroupsByTheFormula(Activation then) {
        int rows = 600;
        int channels = 12;
        int groups = 4;
        float[] x = floats(rows * channels);
        float[] w = floats(channels);
        float[] b = floats(channels);
        onEach((backend, pictures) -> {
            float[] out = read(pictures.groupNorm(
                    backend.upload(Shape.of(30, 20, channels), x),
                    backend.upload(Shape.of(channels), w),
                    backend.upload(Shape.of(channels), b),
                    groups,
                    1e-6f,
                    then));
            for (int group = 0; group < groups; group++) {
                double mean = 0;
                double square = 0;
                for (int i = 0; i < x.length; i++) {
                    if (i % channels / 3 == group) {
                        mean += x[i] / (rows * 3.0);
                    }
                }
                for (int i = 0; i < x.length; i++) {
                    if (i % channels / 3 == group) {
                        square += (x[i] - mean) * (x[i] - mean) / (rows * 3.0);
                    }
                }
                for (int i = 0; i < x.length; i++) {
                    if (i % channels / 3 == group) {
                        double value = (x[i] - mean) / Math.sqrt(square + 1e-6) * w[i % channels] + b[i % channels];
                        assertEquals(activated(then, value), out[i], TOLERANCE);
                    }
                }
            }
        });
    }

    @Test
    void normsRowsWithAndWithoutAWeight() {
        int rows = 5;
        int width = 20;
        float[] x = floats(rows * width);
        float[] w = floats(width);
        float[] b = floats(width);
        onEach((backend, pictures) -> {
            Tensor uploaded = backend.upload(Shape.of(rows, width), x);
            float[] scaled = read(pictures.layerNorm(
                    uploaded,
                    Optional.of(backend.upload(Shape.of(width), w)),
                    Optional.of(backend.upload(Shape.of(width), b)),
                    1e-6f));
            float[] plain = read(pictures.layerNorm(uploaded, Optional.empty(), Optional.empty(), 1e-6f));
            for (int row = 0; row < rows; row++) {
                double mean = 0;
                double square = 0;
                for (int c = 0; c < width; c++) {
                    mean += x[row * width + c] / (double) width;
                }
                for (int c = 0; c < width; c++) {
                    square += Math.pow(x[row * width + c] - mean, 2) / width;
                }
                for (int c = 0; c < width; c++) {
                    double value = (x[row * width + c] - mean) / Math.sqrt(square + 1e-6);
                    assertEquals(value, plain[row * width + c], TOLERANCE);
                    assertEquals(value * w[c] + b[c], scaled[row * width + c], TOLERANCE);
                }
            }
        });
    }

    /** Values of erf from Abramowitz and Stegun, table 7.1. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.02, 0.0225645747",
        "0.5, 0.5204998778",
        "1, 0.8427007929",
        "1.5, 0.9661051465",
        "2, 0.9953222650",
        "-0.5, -0.5204998778",
        "7, 1",
        "-9, -1",
    })
    void knowsTheErrorFunction(double x, double expected) {
        assertEquals(expected, ErrorFunction.of(x), 1e-10);
    }

    @ParameterizedTest(name = "{0} queries, {1} keys, {2} heads on {3}, size {4}")
    @CsvSource({"1, 1, 1, 1, 8", "5, 9, 4, 2, 12", "37, 20, 3, 3, 16", "16, 33, 1, 1, 40"})
    void attendsToAllByTheFormula(int queries, int keys, int heads, int keyHeads, int size) {
        float[] q = floats(queries * heads * size);
        float[] k = floats(keys * keyHeads * size);
        float[] v = floats(keys * keyHeads * size);
        onEach((backend, pictures) -> {
            float[] out = read(pictures.attendAll(
                    backend.upload(Shape.of(queries, heads, size), q),
                    backend.upload(Shape.of(keys, keyHeads, size), k),
                    backend.upload(Shape.of(keys, keyHeads, size), v),
                    0.4f));
            for (int item = 0; item < queries * heads; item++) {
                int head = item % heads / (heads / keyHeads);
                double sum = 0;
                double[] mix = new double[size];
                for (int t = 0; t < keys; t++) {
                    double score = 0;
                    for (int d = 0; d < size; d++) {
                        score += (double) q[item * size + d] * k[(t * keyHeads + head) * size + d];
                    }
                    double share = Math.exp(0.4f * score);
                    sum += share;
                    for (int d = 0; d < size; d++) {
                        mix[d] += share * v[(t * keyHeads + head) * size + d];
                    }
                }
                for (int d = 0; d < size; d++) {
                    assertEquals(mix[d] / sum, out[item * size + d], TOLERANCE);
                }
            }
        });
    }

    @Test
    void doublesPixelsAndCutsAndStacksRows() {
        float[] x = floats(2 * 3 * 2);
        onEach((backend, pictures) -> {
            Tensor picture = backend.upload(Shape.of(2, 3, 2), x);
            Tensor large = pictures.doubled(picture);
            assertEquals(Shape.of(4, 6, 2), large.shape());
            float[] out = read(large);
            for (int y = 0; y < 4; y++) {
                for (int px = 0; px < 6; px++) {
                    for (int c = 0; c < 2; c++) {
                        assertEquals(x[(y / 2 * 3 + px / 2) * 2 + c], out[(y * 6 + px) * 2 + c]);
                    }
                }
            }
            Tensor lower = pictures.rows(picture, 1, 2);
            Tensor turned = pictures.stack(List.of(lower, pictures.rows(picture, 0, 1)));
            assertEquals(picture.shape(), turned.shape());
            float[] expected = new float[12];
            System.arraycopy(x, 6, expected, 0, 6);
            System.arraycopy(x, 0, expected, 6, 6);
            assertArrayEquals(expected, read(turned));
        });
    }

    @Test
    void modulatesGatesAndTurns() {
        int rows = 3;
        int width = 4;
        float[] x = floats(rows * width);
        float[] y = floats(rows * width);
        float[] shift = floats(width);
        float[] scale = floats(width);
        float[] angles = floats(rows * width / 2);
        float[] cosines = new float[angles.length];
        float[] sines = new float[angles.length];
        for (int i = 0; i < angles.length; i++) {
            cosines[i] = (float) Math.cos(angles[i]);
            sines[i] = (float) Math.sin(angles[i]);
        }
        onEach((backend, pictures) -> {
            Tensor at = backend.upload(Shape.of(rows, width), x);
            float[] modulated = read(pictures.modulate(
                    at, backend.upload(Shape.of(width), shift), backend.upload(Shape.of(width), scale)));
            float[] gated = read(pictures.addGated(
                    at, backend.upload(Shape.of(width), scale), backend.upload(Shape.of(rows, width), y)));
            Tensor turned = backend.upload(Shape.of(rows, 1, width), x);
            pictures.rotate(turned, new RotaryTable(cosines, sines, width / 2));
            float[] rotated = read(turned);
            for (int i = 0; i < x.length; i++) {
                assertEquals(x[i] * (1.0 + scale[i % width]) + shift[i % width], modulated[i], TOLERANCE);
                assertEquals(x[i] + (double) scale[i % width] * y[i], gated[i], TOLERANCE);
                double angle = angles[i / 2];
                double expected = i % 2 == 0
                        ? x[i] * Math.cos(angle) - x[i + 1] * Math.sin(angle)
                        : x[i - 1] * Math.sin(angle) + x[i] * Math.cos(angle);
                assertEquals(expected, rotated[i], TOLERANCE);
            }
        });
    }

    private static double activated(Activation activation, double value) {
        return switch (activation) {
            case IDENTITY -> value;
            case SILU -> value / (1 + Math.exp(-value));
            case GELU -> value * normalBelow(value);
        };
    }

    /** The integral of the bell curve by Simpson's rule. */
    private static double normalBelow(double value) {
        int steps = 2_000;
        double h = value / steps;
        double sum = bell(0) + bell(value);
        for (int i = 1; i < steps; i++) {
            sum += (i % 2 == 0 ? 2 : 4) * bell(i * h);
        }
        return 0.5 + sum * h / 3;
    }

    private static double bell(double x) {
        return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    private static Weight weight(int rows, int columns, float[] numbers) {
        MemorySegment bytes = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, numbers);
        return Weight.dense("filter", rows, columns, DType.F32, bytes);
    }

    private float[] floats(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = random.nextFloat() * 2 - 1;
        }
        return numbers;
    }

    private static float[] read(Tensor tensor) {
        float[] numbers = new float[tensor.shape().size()];
        tensor.copyTo(numbers);
        return numbers;
    }
}
