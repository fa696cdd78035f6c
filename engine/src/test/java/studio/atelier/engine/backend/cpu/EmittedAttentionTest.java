package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.GuardedMemory;
import studio.atelier.engine.backend.cpu.emit.InstructionSet;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Attention over a bfloat16 cache that ends at a guard page, beside the plain loops over the same numbers as floats. On
 * machines without kernels for it the Vector API is held to the same.
 */
final class EmittedAttentionTest {
    private static final int ROUNDS = 60;

    /** Else the Vector API would serve, and what follows would say nothing of the kernels. */
    @Test
    void theCheckAtTheStartFindsThemRight() throws Exception {
        assumeTrue(EmittedKernels.setsOfThisMachine().contains(InstructionSet.AVX512_VNNI), "no kernels for attention");
        try (EmittedKernels kernels = EmittedKernels.of(InstructionSet.AVX512_VNNI)) {
            assertTrue(AttentionCheck.agrees(kernels, new VectorKernels(), new Random(1)));
            assertTrue(AttentionCheck.widens(kernels, new Random(1)));
        }
    }

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

    /**
     * The expanded form beside plain loops with floats. Codes of 8 bits and keys and values in bfloat16 move a result by a
     * part of its size; a wrong place, a missing position or a wrong factor moves it by all of it.
     */
    @Test
    void expandsLatentsAsPlainLoopsDo() throws Exception {
        try (CpuBackend fast = CpuBackend.fast(2);
                CpuBackend eight = CpuBackend.fast(2).withEightBitCache();
                CpuBackend plain = CpuBackend.vectorized(2)) {
            for (int round = 0; round < ROUNDS; round++) {
                Random random = new Random(200 + round);
                int heads = 1 + random.nextInt(5);
                int positions = 1 + random.nextInt(200);
                expanded(
                        fast, eight, plain, random, heads, positions, random.nextInt(4) == 0 ? 0 : random.nextInt(500));
            }
            // Keys and values of so many heads and positions take more than one stretch.
            expanded(fast, eight, plain, new Random(1), 70, 70, 1100);
        }
    }

    private static void expanded(
            CpuBackend fast, CpuBackend eight, CpuBackend plain, Random random, int heads, int positions, int before)
            throws Exception {
        int rank = 64 * (1 + random.nextInt(4));
        int rope = 32 * (1 + random.nextInt(2));
        int keySize = 64 * (1 + random.nextInt(2));
        int valueSize = 64 * (1 + random.nextInt(2));
        boolean transposed = random.nextBoolean();
        int cached = before + positions;
        LatentUp up = new LatentUp(
                transposed ? stack(heads, rank, keySize, random) : stack(heads, keySize, rank, random),
                transposed,
                stack(heads, valueSize, rank, random));
        Attending rule = Attending.all(1 / (float) Math.sqrt(keySize + rope));
        try (GuardedMemory first = GuardedMemory.of(2L * cached * rank, true);
                GuardedMemory second = GuardedMemory.of(2L * cached * rope, true);
                Pass _ = fast.beginPass();
                Pass _ = eight.beginPass();
                Pass _ = plain.beginPass()) {
            float[] l = filled(first.bytes(), cached * rank, random);
            float[] r = filled(second.bytes(), cached * rope, random);
            Shape latents = Shape.of(cached, rank);
            Shape ropes = Shape.of(cached, rope);
            EightBitBuffer bytes = EightBitBuffer.of(cached, rank);
            EightBitBuffer ropeBytes = EightBitBuffer.of(cached, rope);
            bytes.write(l, cached, 0);
            ropeBytes.write(r, cached, 0);
            float[] q = floats(positions * heads * keySize, random);
            float[] qRope = floats(positions * heads * rope, random);
            Shape shape = Shape.of(positions, heads, keySize);
            Shape ropeShape = Shape.of(positions, heads, rope);
            Tensor expected = plain.attendExpanded(
                    plain.upload(shape, q),
                    plain.upload(ropeShape, qRope),
                    plain.upload(latents, l),
                    plain.upload(ropes, r),
                    up,
                    rule,
                    before);
            String where = shape + " after " + before + ", transposed " + transposed;
            Tensor got = fast.attendExpanded(
                    fast.upload(shape, q),
                    fast.upload(ropeShape, qRope),
                    new Tensor(latents, new HalfBuffer(first.bytes())),
                    new Tensor(ropes, new HalfBuffer(second.bytes())),
                    up,
                    rule,
                    before);
            near(expected, got, 0.04, where);
            Tensor fromBytes = eight.attendExpanded(
                    eight.upload(shape, q),
                    eight.upload(ropeShape, qRope),
                    new Tensor(latents, bytes),
                    new Tensor(ropes, ropeBytes),
                    up,
                    rule,
                    before);
            near(expected, fromBytes, 0.06, where + ", 8-bit cache");
        }
    }

    private static WeightStack stack(int count, int rows, int columns, Random random) {
        List<Weight> each = new ArrayList<>();
        int groups = rows * columns / 64;
        for (int i = 0; i < count; i++) {
            byte[] codes = new byte[rows * columns / 2];
            random.nextBytes(codes);
            MemorySegment values = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, codes);
            MemorySegment scales = Arena.ofAuto().allocate(4L * groups, 4);
            MemorySegment biases = Arena.ofAuto().allocate(4L * groups, 4);
            for (int g = 0; g < groups; g++) {
                float scale = (0.5f + random.nextFloat()) / (4 * (float) Math.sqrt(columns));
                NibblesTest.put(scales, DType.F32, g, scale);
                NibblesTest.put(biases, DType.F32, g, -7.5f * scale);
            }
            each.add(NibblesTest.weight(CodeForm.NIBBLES, rows, columns, DType.F32, values, scales, biases));
        }
        return new WeightStack(each);
    }

    /** For every query and head the root mean square of the difference, relative to the result's. */
    private static void near(Tensor expected, Tensor got, double tolerance, String where) {
        int width = expected.shape().width();
        for (int row = 0; row < expected.shape().rows(); row++) {
            double difference = 0;
            double size = 0;
            for (int i = row * width; i < (row + 1) * width; i++) {
                difference += Math.pow(HeapBuffer.of(expected)[i] - HeapBuffer.of(got)[i], 2);
                size += Math.pow(HeapBuffer.of(expected)[i], 2);
            }
            double error = Math.sqrt(difference / size);
            assertTrue(error <= tolerance, where + ", row " + row + ": " + error);
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
