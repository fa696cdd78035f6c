package studio.atelier.engine.backend.metal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.backend.ffi.CommandBuffer;
import studio.atelier.engine.backend.ffi.ComputeEncoder;
import studio.atelier.engine.backend.ffi.MetalException;
import studio.atelier.engine.backend.ffi.Pipeline;

/** Writes a placed plan into command buffers. */
final class Encoding {
    private final Gpu gpu;
    private final WeightViews weights;
    private final Placed placed;

    Encoding(Gpu gpu, WeightViews weights, Placed placed) {
        this.gpu = gpu;
        this.weights = weights;
        this.placed = placed;
    }

    /** Some of the plan's dispatches, with barriers where one needs what another wrote. */
    void encode(CommandBuffer buffer, List<Dispatch> dispatches) {
        Hazards hazards = new Hazards();
        ComputeEncoder encoder = buffer.newConcurrentEncoder();
        try (Arena arena = Arena.ofConfined()) {
            for (Dispatch dispatch : dispatches) {
                encode(encoder, dispatch, hazards, arena);
            }
        } finally {
            encoder.end();
        }
    }

    private void encode(ComputeEncoder encoder, Dispatch dispatch, Hazards hazards, Arena arena) {
        Pipeline pipeline = gpu.pipeline(dispatch.kernel(), dispatch.constants());
        if (dispatch.threads() > pipeline.maxThreads()) {
            throw new MetalException("The kernel " + pipeline.kernel() + " may have " + pipeline.maxThreads()
                    + " threads per group on this GPU; it needs " + dispatch.threads() + ".");
        }
        encoder.setPipeline(pipeline);
        for (Map.Entry<Integer, Operand> entry : dispatch.operands().entrySet()) {
            bind(encoder, entry.getKey(), entry.getValue(), hazards);
        }
        MemorySegment parameters = dispatch.parameters()
                .write(arena, (weight, plane) -> weights.plane(weight, plane).offsetBytes());
        encoder.setBytes(parameters, dispatch.parametersIndex());
        for (int i = 0; i < dispatch.threadgroupBytes().length; i++) {
            encoder.setThreadgroupMemory(dispatch.threadgroupBytes()[i], i);
        }
        if (hazards.needBarrier()) {
            encoder.barrier();
        }
        encoder.dispatch(dispatch.groupsX(), dispatch.groupsY(), dispatch.groupsZ(), dispatch.threads());
    }

    private void bind(ComputeEncoder encoder, int index, Operand operand, Hazards hazards) {
        switch (operand) {
            case Operand.Numbers(Value value, long firstElement, boolean writes) -> {
                Region region = placed.place(value);
                long start = region.offsetBytes();
                hazards.touch(region.buffer(), start, start + (long) value.elementBytes() * value.size, writes);
                encoder.setBuffer(region.buffer(), start + 4 * firstElement, index);
            }
            case Operand.Plane(var weight, int plane) ->
                encoder.setBuffer(weights.plane(weight, plane).buffer(), 0, index);
            case Operand.StackPlane(var stack, int plane) ->
                encoder.setBuffer(weights.stackPlane(stack, plane), 0, index);
            case Operand.Table(var stack) -> encoder.setBuffer(weights.table(stack), 0, index);
            case Operand.Step(long offset) -> encoder.setBuffer(placed.scratch(), placed.stepBytes() + offset, index);
        }
    }
}
