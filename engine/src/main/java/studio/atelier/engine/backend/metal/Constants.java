package studio.atelier.engine.backend.metal;

import java.util.Map;
import java.util.TreeMap;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.QuantFormat;

/**
 * The function constants of a pipeline, by the index that {@code common.metal} gives them. What is not set is 0.
 *
 * @param values immutable
 */
record Constants(Map<Integer, Integer> values) {
    private static final int FORMAT = 0;
    private static final int BITS = 1;
    private static final int GROUP = 2;
    private static final int SCALE = 3;
    private static final int TILE_ROWS = 4;
    private static final int TILE_COLUMNS = 5;
    static final int NORM = 6;
    static final int RESIDUAL = 7;
    static final int BIAS = 8;
    static final int LENGTH = 9;
    private static final int GATING = 10;
    static final int SHARED = 11;
    static final int BLOCKS = 12;
    static final int SINKS = 13;
    static final int HALF_CACHE = 14;
    private static final int COUNT = 15;

    static final Constants NONE = zeros();

    private static Constants zeros() {
        Map<Integer, Integer> zeros = new TreeMap<>();
        for (int i = 0; i < COUNT; i++) {
            zeros.put(i, 0);
        }
        return new Constants(Map.copyOf(zeros));
    }

    Constants with(int index, int value) {
        Map<Integer, Integer> changed = new TreeMap<>(values);
        changed.put(index, value);
        return new Constants(Map.copyOf(changed));
    }

    Constants with(int index, boolean value) {
        return with(index, value ? 1 : 0);
    }

    Constants with(Gating gating) {
        return with(
                GATING,
                switch (gating) {
                    case Gating.SwiGlu _ -> 0;
                    case Gating.ClampedSwiGlu _ -> 1;
                });
    }

    /** How a weight's numbers are read. */
    Constants with(QuantFormat format) {
        return switch (format) {
            case QuantFormat.Dense(DType type) -> with(FORMAT, dense(type));
            case QuantFormat.Fp8Tiles(int rows, int columns) ->
                with(FORMAT, 5).with(TILE_ROWS, rows).with(TILE_COLUMNS, columns);
            case QuantFormat.Affine(int bits, int group, DType scale) ->
                with(FORMAT, 6).with(BITS, bits).with(GROUP, group).with(SCALE, dense(scale));
            case QuantFormat.Mxfp4 _ -> with(FORMAT, 7);
            case QuantFormat.Nvfp4 _ -> with(FORMAT, 8);
            case QuantFormat.Mxfp8 _ -> with(FORMAT, 9);
        };
    }

    private static int dense(DType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case BF16 -> 2;
            case F8_E4M3 -> 3;
            case F8_E5M2 -> 4;
            case F64, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                throw new IllegalArgumentException("weight: expected numbers with a point, got " + type);
        };
    }
}
