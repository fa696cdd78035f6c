package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.GuardedMemory;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/** Rows of a cache in 8 bits: what comes back, what they take, and attention over them. */
final class EightBitCacheTest {
    @ParameterizedTest
    @ValueSource(ints = {5, 32, 64, 100, 576})
    void comesBackWithinHalfAStepOfItsGroup(int width) {
        Random random = new Random(width);
        float[] x = new float[3 * width];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian() * (i % 7 == 0 ? 1e-3f : 5);
        }
        EightBitBuffer cache = EightBitBuffer.of(8, width);
        CacheRows.write(new HeapBuffer(x), x.length, cache, 4 * width);
        float[] got = new float[3 * width];
        CacheRows.read(cache, width, 4, 3, 0, width, got, 0, width);
        float[] whole = new float[7 * width];
        cache.read(whole, whole.length);
        for (int i = 0; i < x.length; i++) {
            int group = i / width * width + i % width / 64 * 64;
            float largest = 0;
            for (int j = group; j < Math.min(group + 64, (i / width + 1) * width); j++) {
                largest = Math.max(largest, Math.abs(x[j]));
            }
            assertEquals(x[i], got[i], largest / 253, "element " + i);
            assertEquals(got[i], whole[4 * width + i]);
        }
        // What comes back is kept unchanged.
        EightBitBuffer again = EightBitBuffer.of(3, width);
        CacheRows.write(new HeapBuffer(got), got.length, again, 0);
        float[] twice = new float[got.length];
        again.read(twice, twice.length);
        assertArrayEquals(got, twice, 1e-6f);
    }

    @Test
    void zerosAndWhatIsNoNumberStayApart() {
        float[] x = new float[192];
        x[3] = 1e-42f;
        x[70] = Float.NaN;
        x[130] = Float.POSITIVE_INFINITY;
        EightBitBuffer cache = EightBitBuffer.of(1, 192);
        cache.write(x, 1, 0);
        float[] got = new float[192];
        cache.read(got, 192);
        for (int i = 0; i < 64; i++) {
            assertEquals(0, got[i]);
        }
        for (int i = 64; i < 192; i++) {
            assertTrue(Float.isNaN(got[i]));
        }
    }

    @Test
    void takesAboutHalfOfBfloat16() {
        Shape shape = Shape.of(256, 4, 128);
        try (CpuBackend half = CpuBackend.fast(1);
                CpuBackend eight = CpuBackend.fast(1).withEightBitCache()) {
            long halves = half.allocateCache(shape).buffer().sizeBytes(shape.size());
            long bytes = eight.allocateCache(shape).buffer().sizeBytes(shape.size());
            assertEquals(2L * shape.size(), halves);
            assertEquals(shape.size() + shape.size() / 16, bytes);
        }
    }

    /** Emitted kernels over tiles made bfloat16, and the Vector API over floats, beside plain loops over what was kept. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 90})
    void attentionReadsWhatWasKept(int positions) {
        int kept = 700;
        int heads = 4;
        int keyHeads = 2;
        int size = 64;
        Shape cached = Shape.of(kept, keyHeads, size);
        Shape asked = Shape.of(positions, heads, size);
        float[] keys = floats(cached.size(), 1);
        float[] values = floats(cached.size(), 2);
        float[] queries = floats(asked.size(), 3);
        Attending rule = new Attending(500, 0.125f);
        float[] expected;
        try (CpuBackend plain = CpuBackend.scalar()) {
            expected = attended(
                    plain,
                    cached,
                    keptOf(keys, keyHeads * size),
                    keptOf(values, keyHeads * size),
                    asked,
                    queries,
                    rule,
                    kept - positions);
        }
        for (int way = 0; way < 2; way++) {
            try (CpuBackend eight =
                    (way == 0 ? CpuBackend.fast(2) : CpuBackend.fastVectorized(2)).withEightBitCache()) {
                float[] got = attended(eight, cached, keys, values, asked, queries, rule, kept - positions);
                assertArrayEquals(expected, got, way == 0 ? 6e-3f : 1e-4f, eight.description());
            }
        }
    }

    /** The emitted kernel beside the Vector API, and nothing outside the rows is read or written. */
    @Test
    void widensToTheSameHalves() throws Exception {
        Optional<EmittedKernels> kernels = EmittedNibblesFixture.ofThisMachine().filter(EmittedKernels::attends);
        assumeTrue(kernels.isPresent(), "no emitted kernels for attention on this machine");
        WidenedTile tile = new WidenedTile(kernels.get());
        Random random = new Random(9);
        for (int round = 0; round < 60; round++) {
            int rows = 1 + random.nextInt(70);
            int width = 64 * (1 + random.nextInt(9));
            int column = 64 * random.nextInt(width / 64);
            int count = 64 * (1 + random.nextInt((width - column) / 64));
            float[] x = floats(rows * width, round);
            for (int i = 0; i < x.length; i += 17) {
                x[i] *= random.nextInt(9) == 0 ? Float.POSITIVE_INFINITY : 1e-30f;
            }
            boolean atEnd = random.nextBoolean();
            try (GuardedMemory codes = GuardedMemory.of((long) rows * width, atEnd);
                    GuardedMemory factors = GuardedMemory.of((long) rows * width / 16, atEnd);
                    GuardedMemory got = GuardedMemory.of(2L * rows * count, atEnd)) {
                EightBitBuffer cache = new EightBitBuffer(codes.bytes(), factors.bytes(), width);
                cache.write(x, rows, 0);
                tile.read(cache, 0, rows, column, count, got.bytes());
                MemorySegment expected = Arena.ofAuto().allocate(2L * rows * count);
                for (int row = 0; row < rows; row++) {
                    cache.readHalves(row, column, count, expected, 2L * row * count);
                }
                assertEquals(-1, got.bytes().mismatch(expected), "round " + round);
            }
        }
    }

    private static float[] keptOf(float[] x, int width) {
        EightBitBuffer buffer = EightBitBuffer.of(x.length / width, width);
        buffer.write(x, x.length / width, 0);
        float[] kept = new float[x.length];
        buffer.read(kept, kept.length);
        return kept;
    }

    private static float[] attended(
            CpuBackend backend,
            Shape cached,
            float[] keys,
            float[] values,
            Shape asked,
            float[] queries,
            Attending rule,
            int firstPosition) {
        try (Pass _ = backend.beginPass()) {
            Tensor k = backend.allocateCache(cached);
            Tensor v = backend.allocateCache(cached);
            backend.store(backend.upload(cached, keys), k, 0);
            backend.store(backend.upload(cached, values), v, 0);
            Tensor out = backend.attend(backend.upload(asked, queries), k, v, Optional.empty(), rule, firstPosition);
            float[] numbers = new float[asked.size()];
            out.buffer().read(numbers, numbers.length);
            return numbers;
        }
    }

    private static float[] floats(int count, long seed) {
        Random random = new Random(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
