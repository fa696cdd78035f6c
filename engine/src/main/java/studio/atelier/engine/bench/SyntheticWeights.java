package studio.atelier.engine.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;
import studio.atelier.engine.tensor.WeightSource;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Random 4-bit weights of any shape that is asked for, the same for the same name, in memory that lives as long as the arena. Their size is {@code
 * 1 / sqrt(columns)}, so that activations stay in range and no scale is denormal.
 */
public final class SyntheticWeights implements WeightSource {
    private static final int GROUP = 64;
    /** Standard deviation of codes 0 to 15. */
    private static final double CODE_DEVIATION = 4.61;

    private static final int ALIGNMENT = 64;

    private final Arena arena;
    private final SplittableRandom random = new SplittableRandom(42);
    private final Map<String, Weight> made = new HashMap<>();
    private long sizeBytes;

    SyntheticWeights(Arena arena) {
        this.arena = arena;
    }

    /** Bytes of all weights handed out. */
    long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public boolean has(String tensor) {
        return tensor.contains(".switch_mlp.") || tensor.contains(".embed_q.");
    }

    @Override
    public Weight matrix(String module, int rows, int columns) {
        return made.computeIfAbsent(module, name -> make(name, rows, columns));
    }

    private Weight make(String module, int rows, int columns) {
        int groups = columns / GROUP;
        long values = (long) rows * columns / 2;
        MemorySegment codes = arena.allocate(values, ALIGNMENT);
        for (long at = 0; at + 8 <= values; at += 8) {
            codes.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        double scale = 1 / (CODE_DEVIATION * Math.sqrt(columns));
        sizeBytes += values + 4L * rows * groups;
        return new Weight(
                module,
                rows,
                columns,
                new QuantFormat.Affine(4, GROUP, DType.BF16),
                new Plane(codes, columns / 2),
                new Plane(numbers((long) rows * groups, scale), 2L * groups),
                new Plane(numbers((long) rows * groups, -7.5 * scale), 2L * groups),
                0);
    }

    private MemorySegment numbers(long count, double value) {
        MemorySegment segment = arena.allocate(2 * count, ALIGNMENT);
        for (long i = 0; i < count; i++) {
            float number = (float) (value * (0.9 + 0.2 * random.nextDouble()));
            segment.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToRawIntBits(number) >>> 16));
        }
        return segment;
    }

    @Override
    public WeightStack stack(String module, int count, int rows, int columns) {
        Weight all = matrix(module, Math.multiplyExact(count, rows), columns);
        List<Weight> each = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            each.add(all.slice(i * rows, rows));
        }
        return new WeightStack(each);
    }

    @Override
    public WeightStack mxfp4Blocks(String prefix, int count, int rows, int columns) {
        throw new IllegalArgumentException(prefix + ": expected affine weights, got a request for MXFP4");
    }

    @Override
    public Weight filter(String module, int out, int in, int height, int width) {
        return matrix(module, out, height * width * in);
    }

    @Override
    public float[] numbers(String tensor, int... axes) {
        int count = 1;
        for (int axis : axes) {
            count = Math.multiplyExact(count, axis);
        }
        float[] numbers = new float[count];
        Arrays.fill(numbers, tensor.endsWith(".bias") ? 0 : 1);
        return numbers;
    }

    @Override
    public WeightStack requantized(Weight whole, int count, int first, int stride, int rows, boolean transposed) {
        throw new IllegalArgumentException(whole.name() + ": expected new layouts, got a request for an old one");
    }

    @Override
    public void ignore(String tensor) {
        // Nothing is kept a list of.
    }
}
