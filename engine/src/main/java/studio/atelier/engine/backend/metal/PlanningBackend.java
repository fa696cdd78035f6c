package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/** Plans passes as {@link MetalBackend} does and computes nothing: every number is 0. Needs neither GPU nor weights. */
public final class PlanningBackend extends RecordingBackend {
    private final boolean halfCache;
    private final List<Dispatch> dispatches = new ArrayList<>();
    private int waits;

    /** {@code halfCache}: keys and values lie as float16. */
    public PlanningBackend(boolean halfCache) {
        this.halfCache = halfCache;
    }

    @Override
    public String description() {
        return "a plan for Metal";
    }

    @Override
    public Pass beginPass() {
        open = true;
        dispatches.clear();
        waits = 0;
        return () -> {
            open = false;
            forgetRecord();
        };
    }

    @Override
    public Tensor allocateLasting(Shape shape) {
        // Caches are asked for positions that nobody has filled.
        return new Tensor(shape, new MetalBuffer(this, Value.lasting(Integer.MAX_VALUE, null, false)));
    }

    @Override
    public Tensor allocateCache(Shape shape) {
        return new Tensor(shape, new MetalBuffer(this, Value.lasting(Integer.MAX_VALUE, null, halfCache)));
    }

    @Override
    public Tensor upload(Shape shape, float[] elements) {
        return allocateLasting(shape);
    }

    @Override
    public boolean choosesBest() {
        return true;
    }

    @Override
    void read(Value value, float[] target, int count) {
        value.wanted = true;
        dispatches.addAll(new Planner(nodes, results, new StepData(), halfCache).plan());
        waits++;
    }

    @Override
    void copyLasting(Input from, Input to, int firstRow) {
        // Growing a cache happens now and then, not in every token.
    }

    /** The dispatches of the pass that ended last. */
    List<Dispatch> dispatches() {
        return List.copyOf(dispatches);
    }

    /** The accounts of the pass that ended last. */
    public PassAccount account() {
        return PassAccount.of(dispatches, Math.max(0, waits - 1));
    }

    @Override
    public void close() {}
}
