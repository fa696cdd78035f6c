package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.backend.cpu.emit.GuardedMemory;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/**
 * Attention over a bfloat16 cache that ends at a guard page, beside the plain loops over the same numbers as floats. On
 * machines without kernels for it the Vector API is held to the same.
 */
final class EmittedAttentionTest {
    private static final int ROUNDS = 60;

    @Test
    void attendsAsPlainLoopsDoAndStaysInside() throws Exception {
        try (CpuBackend fast = CpuBackend.fast(2);
                CpuBackend plain = CpuBackend.scalar()) {
            for (int round = 0; round < ROUNDS; round++) {
                grouped(fast, plain, new Random(round), round);
            }
        }
    }

    @Test
    void attendsLatentsAsPlainLoopsDo() throws Exception {
        try (CpuBackend fast = CpuBackend.fast(2);
                CpuBackend plain = CpuBackend.scalar()) {
            for (int round = 0; round < ROUNDS; round++) {
                latent(fast, plain, new Random(100 + round), round);
            }
        }
    }

    private static void grouped(CpuBackend fast, CpuBackend plain, Random random, int round) throws Exception {
        int keyHeads = 1 + random.nextInt(3);
        int heads = keyHeads * (1 + random.nextInt(7));
        // 48 is no whole block: the other way must serve.
        int size = new int[] {64, 128, 192, 48}[random.nextInt(4)];
        int positions = random.nextBoolean() ? 1 : 1 + random.nextInt(40);
        int before = random.nextInt(4) == 0 ? 0 : random.nextInt(1200);
        int window = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(150);
        Attending rule = Attending.within(window, size);
        Shape cached = Shape.of(before + positions, keyHeads, size);
        float[] sinks = floats(heads, random);
        boolean sunk = random.nextBoolean();
        try (GuardedMemory keys = GuardedMemory.of(2L * cached.size(), true);
                GuardedMemory values = GuardedMemory.of(2L * cached.size(), true);
                Pass _ = fast.beginPass();
                Pass _ = plain.beginPass()) {
            float[] k = filled(keys.bytes(), cached.size(), random);
            float[] v = filled(values.bytes(), cached.size(), random);
            Shape shape = Shape.of(positions, heads, size);
            float[] q = floats(shape.size(), random);
            Tensor got = fast.attend(
                    fast.upload(shape, q),
                    new Tensor(cached, new HalfBuffer(keys.bytes())),
                    new Tensor(cached, new HalfBuffer(values.bytes())),
                    sunk ? Optional.of(fast.upload(Shape.of(heads), sinks)) : Optional.empty(),
                    rule,
                    before);
            Tensor expected = plain.attend(
                    plain.upload(shape, q),
                    plain.upload(cached, k),
                    plain.upload(cached, v),
                    sunk ? Optional.of(plain.upload(Shape.of(heads), sinks)) : Optional.empty(),
                    rule,
                    before);
            compare(expected, got, "round " + round + ": " + shape + " after " + before + ", window " + window);
        }
    }

    private static void latent(CpuBackend fast, CpuBackend plain, Random random, int round) throws Exception {
        int heads = 1 + random.nextInt(18);
        int rank = 64 * (1 + random.nextInt(8));
        int rope = 32 * (1 + random.nextInt(2));
        int positions = random.nextBoolean() ? 1 : 1 + random.nextInt(20);
        int before = random.nextInt(700);
        Attending rule = Attending.within(Integer.MAX_VALUE, rank + rope);
        Shape latents = Shape.of(before + positions, rank);
        Shape ropes = Shape.of(before + positions, rope);
        try (GuardedMemory first = GuardedMemory.of(2L * latents.size(), true);
                GuardedMemory second = GuardedMemory.of(2L * ropes.size(), true);
                Pass _ = fast.beginPass();
                Pass _ = plain.beginPass()) {
            float[] l = filled(first.bytes(), latents.size(), random);
            float[] r = filled(second.bytes(), ropes.size(), random);
            Shape shape = Shape.of(positions, heads, rank);
            Shape ropeShape = Shape.of(positions, heads, rope);
            float[] q = floats(shape.size(), random);
            float[] qRope = floats(ropeShape.size(), random);
            Tensor got = fast.attendLatent(
                    fast.upload(shape, q),
                    fast.upload(ropeShape, qRope),
                    new Tensor(latents, new HalfBuffer(first.bytes())),
                    new Tensor(ropes, new HalfBuffer(second.bytes())),
                    rule,
                    before);
            Tensor expected = plain.attendLatent(
                    plain.upload(shape, q),
                    plain.upload(ropeShape, qRope),
                    plain.upload(latents, l),
                    plain.upload(ropes, r),
                    rule,
                    before);
            compare(expected, got, "round " + round + ": " + shape + " after " + before);
        }
    }

    private static float[] filled(MemorySegment halves, int count, Random random) {
        CacheRows.narrow(floats(count, random), 0, count, halves, 0);
        float[] same = new float[count];
        new HalfBuffer(halves).read(same, count);
        return same;
    }

    private static float[] floats(int count, Random random) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private static void compare(Tensor expected, Tensor got, String where) {
        float[] one = Arrays.copyOf(HeapBuffer.of(expected), expected.shape().size());
        float[] other = Arrays.copyOf(HeapBuffer.of(got), got.shape().size());
        for (int i = 0; i < one.length; i++) {
            assertEquals(one[i], other[i], 2e-5, where + ", element " + i);
        }
    }
}
