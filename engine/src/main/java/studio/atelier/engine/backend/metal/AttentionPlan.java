package studio.atelier.engine.backend.metal;

import java.util.Optional;
import studio.atelier.engine.backend.metal.Dispatch.Cost;

/** Plans attention over the cache: one dispatch, and a second when the context is split. */
final class AttentionPlan {
    private static final int TILE = 32;
    private static final int THREADS = 128;
    /** Tiles that one threadgroup walks before the context is split. */
    private static final int TILES_PER_SPLIT = 8;

    private static final int MOST_SPLITS = 32;
    /**
     * One threadgroup for each core of the largest GPU, two for each of half that size. Every further split is written
     * and read once more by the joining: with 128 of them that is a ninth of DeepSeek-V3's cache at 32,768 positions.
     */
    private static final int ENOUGH_GROUPS = 80;

    private static final int MOST_BLOCKS = 16;

    private final Planner planner;

    AttentionPlan(Planner planner) {
        this.planner = planner;
    }

    void plan(Node.Attend attend) {
        int positions = attend.queries().shape().axis(0);
        int heads = attend.queries().shape().axis(1);
        int size = attend.queries().width();
        int ropeSize = attend.ropeQueries().map(Input::width).orElse(0);
        // Of latent attention a value is the latent itself.
        int valueSize = attend.ropeKeys().isPresent() ? size : attend.values().width();
        requireBlocks("head size", size);
        requireBlocks("rotary size", ropeSize);
        requireBlocks("value size", valueSize);
        int blocks = Math.ceilDiv(valueSize, 32);
        if (blocks > MOST_BLOCKS) {
            throw new IllegalArgumentException(
                    "value size: expected at most " + 32 * MOST_BLOCKS + ", got " + valueSize);
        }
        int keyHeads = attend.keyHeads();
        int rowBlocks = Math.ceilDiv(positions * (heads / keyHeads), 8);
        int cached = attend.firstPosition() + positions;
        int splits = splits(attend, rowBlocks * keyHeads);
        Place queries = planner.place(attend.queries());
        Optional<Place> ropeQueries = attend.ropeQueries().map(planner::place);
        Value target = planner.result(attend);
        Value partial = planner.temporary(splits == 1 ? 4 : positions * heads * splits * (valueSize + 2));
        int elementBytes = attend.keys().value().elementBytes();
        boolean latent = attend.ropeKeys().isPresent();
        DispatchBuilder dispatch = new DispatchBuilder(
                        Kernel.ATTEND,
                        Constants.NONE
                                .with(Constants.BLOCKS, blocks)
                                .with(Constants.SINKS, attend.sinks().isPresent())
                                .with(Constants.HALF_CACHE, attend.keys().value().cacheTyped))
                .numbers(0, queries.operand())
                .numbers(2, planner.place(attend.keys()).operand())
                .numbers(4, planner.place(attend.values()).operand());
        ropeQueries.ifPresent(place -> dispatch.numbers(1, place.operand()));
        attend.ropeKeys()
                .ifPresent(keys -> dispatch.numbers(3, planner.place(keys).operand()));
        attend.sinks()
                .ifPresent(sinks -> dispatch.numbers(5, planner.place(sinks).operand()));
        if (splits == 1) {
            dispatch.result(6, target);
        } else {
            dispatch.result(7, partial);
        }
        long seen = Math.min(cached, (long) attend.rule().window() + positions);
        int written = splits == 1 ? valueSize : splits * (valueSize + 2);
        long perPosition = latent ? size + ropeSize : (long) keyHeads * (size + valueSize);
        dispatch.numbers(9, planner.step().position(attend.firstPosition()))
                .unused(planner.step(), 1, 3, 5, 6, 7)
                .parameters(
                        8,
                        new Parameters()
                                .number(positions)
                                .number(heads)
                                .number(keyHeads)
                                .number(size)
                                .number(ropeSize)
                                .number(valueSize)
                                .number(queries.stride())
                                .number(ropeQueries.map(Place::stride).orElse(0))
                                .number(keyHeads * size)
                                .number(ropeSize)
                                .number(keyHeads * valueSize)
                                .number(attend.rule().window())
                                .number(attend.rule().scale())
                                .number(splits))
                .grid(rowBlocks, keyHeads, splits, THREADS)
                .threadgroup(Math.ceilDiv(8 * (size + ropeSize) * elementBytes, 16) * 16)
                .emit(
                        planner,
                        new Cost(
                                0,
                                // Row blocks that look at the same keys at the same time read them once, from the
                                // caches.
                                seen * perPosition * elementBytes,
                                4L * positions * heads * (size + ropeSize + written),
                                2L * positions * heads * seen * (size + ropeSize + valueSize)));
        if (splits > 1) {
            join(attend, partial, target, positions * heads, heads, valueSize, splits);
        }
        planner.markDone(attend);
    }

    /** From what the cache has room for, not from what it holds: so the plan stays while the cache fills. */
    private static int splits(Node.Attend attend, int groups) {
        long seen = Math.min(attend.keys().shape().axis(0), (long) attend.rule().window() + TILE);
        int tiles = Math.toIntExact(Math.ceilDiv(seen, TILE));
        int wanted = Math.min(Math.ceilDiv(tiles, TILES_PER_SPLIT), Math.ceilDiv(ENOUGH_GROUPS, groups));
        return Math.clamp(wanted, 1, MOST_SPLITS);
    }

    private void join(
            Node.Attend attend, Value partial, Value target, int items, int heads, int valueSize, int splits) {
        DispatchBuilder dispatch = new DispatchBuilder(
                        Kernel.JOIN_SPLITS,
                        Constants.NONE.with(Constants.SINKS, attend.sinks().isPresent()))
                .numbers(0, new Operand.Numbers(partial, 0, false))
                .result(2, target);
        attend.sinks()
                .ifPresent(sinks -> dispatch.numbers(1, planner.place(sinks).operand()));
        long parts = (long) items * splits * (valueSize + 2);
        dispatch.unused(planner.step(), 1)
                .parameters(3, new Parameters().number(heads).number(valueSize).number(splits))
                .grid(items, 1, 1, 64)
                .emit(planner, new Cost(0, 0, 4 * parts + 4L * items * valueSize, 3 * parts));
    }

    private static void requireBlocks(String what, int size) {
        if (size % 8 != 0) {
            throw new IllegalArgumentException(what + ": expected a multiple of 8, got " + size);
        }
    }
}
