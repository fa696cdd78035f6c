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
 * Random weights of any shape that is asked for, affine of 4 or 8 bits or MXFP4, the same for the same name, in memory
 * that lives as long as the arena. Their size is {@code 1 / sqrt(columns)}, so that activations stay in range and no
 * scale is denormal.
 */
public final class SyntheticWeights implements WeightSource {
    /** What all weights are by default. */
    static final QuantFormat FOUR_BITS = new QuantFormat.Affine(4, 64, DType.BF16);

    private static final int MXFP4_GROUP = 32;
    /** Standard deviation of all numbers of E2M1. */
    private static final double E2M1_DEVIATION = 2.85;

    private static final int NO_EXPONENT = 127;

    private static final int ALIGNMENT = 64;

    private final Arena arena;
    private final QuantFormat format;
    private final SplittableRandom random = new SplittableRandom(42);
    private final Map<String, Weight> made = new HashMap<>();
    private final boolean drafts;
    private long sizeBytes;

    SyntheticWeights(Arena arena, QuantFormat format) {
        this(arena, format, false);
    }

    /** @param drafts whether a model that can carry a drafting layer does */
    SyntheticWeights(Arena arena, QuantFormat format, boolean drafts) {
        this.arena = arena;
        this.format = format;
        this.drafts = drafts;
    }

    /** Bytes of all weights handed out. */
    long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public boolean has(String tensor) {
        return tensor.contains(".switch_mlp.")
                || tensor.contains(".embed_q.")
                || drafts && tensor.endsWith(".enorm.weight");
    }

    @Override
    public Weight matrix(String module, int rows, int columns) {
        return made.computeIfAbsent(module, name -> make(name, rows, columns));
    }

    private Weight make(String module, int rows, int columns) {
        long rowBytes = (long) columns * format.bitsPerValue() / 8;
        MemorySegment codes = arena.allocate(rows * rowBytes, ALIGNMENT);
        for (long at = 0; at + 8 <= codes.byteSize(); at += 8) {
            codes.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        Plane values = new Plane(codes, rowBytes);
        sizeBytes += codes.byteSize();
        if (!(format instanceof QuantFormat.Affine affine)) {
            long groups = columns / MXFP4_GROUP;
            MemorySegment scales = arena.allocate(rows * groups, ALIGNMENT);
            sizeBytes += scales.byteSize();
            double exponent = Math.log(1 / (E2M1_DEVIATION * Math.sqrt(columns))) / Math.log(2);
            scales.fill((byte) (NO_EXPONENT + Math.round(exponent)));
            return new Weight(module, rows, columns, format, values, new Plane(scales, groups), Plane.NONE, 0);
        }
        long groups = columns / affine.groupSize();
        double codesEnd = (1 << affine.bits()) - 1;
        // Codes are spread evenly from 0 to their end.
        double scale = Math.sqrt(12) / ((codesEnd + 1) * Math.sqrt(columns));
        sizeBytes += 4 * rows * groups;
        return new Weight(
                module,
                rows,
                columns,
                affine,
                values,
                new Plane(numbers(rows * groups, scale), 2 * groups),
                new Plane(numbers(rows * groups, -codesEnd / 2 * scale), 2 * groups),
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
