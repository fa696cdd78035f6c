package studio.atelier.engine.backend.metal;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.ffi.DeviceBuffer;
import studio.atelier.engine.backend.ffi.SystemPage;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Weights as the GPU sees them: views over mapped files, nothing copied. A file larger than one buffer may be gets
 * overlapping views, each half a buffer further, so that every tensor of up to half a buffer lies whole in one.
 *
 * <p>What lies outside the files, or at an address that the kernels can't read from, is copied once.
 */
final class WeightViews implements AutoCloseable {
    /** Fields of a stack's table per matrix: three offsets, and the first row in the file's matrix. */
    private static final int TABLE_FIELDS = 4;

    /** A view, and where in the program's memory it begins. */
    private record View(DeviceBuffer buffer, long address, long lengthBytes) {
        boolean holds(long from, long to) {
            return from >= address && to <= address + lengthBytes;
        }
    }

    /** A stack whose matrices all lie in one buffer per plane. */
    private record PlacedStack(DeviceBuffer[] buffers, DeviceBuffer table) {}

    private final Gpu gpu;
    private final List<View> views = new ArrayList<>();
    private final List<DeviceBuffer> owned = new ArrayList<>();
    private final Map<MemorySegment, Region> planes = new HashMap<>();
    private final Map<WeightStack, PlacedStack> stacks = new IdentityHashMap<>();
    private long viewedBytes;

    WeightViews(Gpu gpu) {
        this.gpu = gpu;
    }

    /** Looks at one file, given by the tensors in it. */
    void adopt(List<MemorySegment> tensors) {
        long first = Long.MAX_VALUE;
        long last = 0;
        for (MemorySegment tensor : tensors) {
            if (tensor.isNative() && tensor.byteSize() > 0) {
                first = Math.min(first, tensor.address());
                last = Math.max(last, tensor.address() + tensor.byteSize());
            }
        }
        if (first >= last) {
            return;
        }
        long page = SystemPage.bytes();
        long start = first / page * page;
        long end = Math.ceilDiv(last, page) * page;
        long most = gpu.device().maxBufferLengthBytes() / page * page;
        long step = end - start <= most ? end - start : most / 2 / page * page;
        for (long at = start; at < end; at += step) {
            long length = Math.min(most, end - at);
            DeviceBuffer buffer = gpu.device()
                    .newBufferNoCopy(MemorySegment.ofAddress(at), length)
                    .labelled("weights");
            gpu.residency().add(buffer);
            views.add(new View(buffer, at, length));
            if (at + length >= end) {
                break;
            }
        }
        viewedBytes += end - start;
    }

    /** Bytes of files that are looked at. */
    long viewedBytes() {
        return viewedBytes;
    }

    /** A plane of a matrix: 0 values, 1 scales, 2 biases. */
    Region plane(Weight weight, int plane) {
        Weight.Plane bytes = plane(plane, weight);
        if (bytes.equals(Weight.Plane.NONE)) {
            return plane(weight, 0);
        }
        return planes.computeIfAbsent(
                bytes.bytes(), _ -> located(bytes.bytes(), alignment(weight.format(), plane), weight.name()));
    }

    private Region located(MemorySegment bytes, int alignment, String name) {
        long from = bytes.address();
        for (View view : views) {
            if (bytes.isNative() && from % alignment == 0 && view.holds(from, from + bytes.byteSize())) {
                return new Region(view.buffer(), from - view.address(), bytes.byteSize());
            }
        }
        DeviceBuffer copy = own(Math.max(16, bytes.byteSize()), name);
        MemorySegment.copy(bytes, 0, copy.memory(), 0, bytes.byteSize());
        return new Region(copy, 0, bytes.byteSize());
    }

    private DeviceBuffer own(long lengthBytes, String label) {
        DeviceBuffer buffer = gpu.newBuffer(lengthBytes, label);
        owned.add(buffer);
        return buffer;
    }

    /** The buffer that holds a plane of all matrices of a stack. */
    DeviceBuffer stackPlane(WeightStack stack, int plane) {
        return placed(stack).buffers()[plane];
    }

    /** Offsets of values, scales and biases, and the first row, for each matrix. */
    DeviceBuffer table(WeightStack stack) {
        return placed(stack).table();
    }

    private PlacedStack placed(WeightStack stack) {
        return stacks.computeIfAbsent(stack, this::place);
    }

    private PlacedStack place(WeightStack stack) {
        DeviceBuffer[] buffers = new DeviceBuffer[3];
        DeviceBuffer table =
                own(8L * TABLE_FIELDS * stack.size(), "table of " + stack.get(0).name());
        for (int plane = 0; plane < 3; plane++) {
            int which = plane;
            if (plane(plane, stack.get(0)).equals(Weight.Plane.NONE)) {
                buffers[plane] = buffers[0];
                continue;
            }
            Function<Weight, MemorySegment> bytes =
                    weight -> plane(which, weight).bytes();
            View view = sharedView(stack, bytes, alignment(stack.get(0).format(), plane));
            if (view != null) {
                buffers[plane] = view.buffer();
                for (int i = 0; i < stack.size(); i++) {
                    put(table, i, plane, bytes.apply(stack.get(i)).address() - view.address());
                }
            } else {
                buffers[plane] = copied(stack, plane, table);
            }
        }
        for (int i = 0; i < stack.size(); i++) {
            put(table, i, 3, stack.get(i).firstRow());
        }
        return new PlacedStack(buffers, table);
    }

    private @Nullable View sharedView(WeightStack stack, Function<Weight, MemorySegment> bytes, int alignment) {
        for (View view : views) {
            boolean all = stack.each().stream().allMatch(weight -> {
                MemorySegment plane = bytes.apply(weight);
                long from = plane.address();
                long to = from + usedBytes(weight, plane);
                return plane.isNative() && from % alignment == 0 && view.holds(from, to);
            });
            if (all) {
                return view;
            }
        }
        return null;
    }

    /** Slices may reach to the end of their file; what is read ends with the last row. */
    private static long usedBytes(Weight weight, MemorySegment plane) {
        return Math.min(plane.byteSize(), rowsOf(weight, plane));
    }

    private static long rowsOf(Weight weight, MemorySegment plane) {
        if (plane.equals(weight.values().bytes())) {
            return (long) weight.rows() * weight.values().rowBytes();
        }
        return plane.byteSize();
    }

    private DeviceBuffer copied(WeightStack stack, int plane, DeviceBuffer table) {
        long total = 0;
        for (Weight weight : stack.each()) {
            total += Math.ceilDiv(usedBytes(weight, plane(plane, weight).bytes()), 16) * 16;
        }
        DeviceBuffer copy = own(Math.max(16, total), stack.get(0).name() + " and more");
        long at = 0;
        for (int i = 0; i < stack.size(); i++) {
            MemorySegment bytes = plane(plane, stack.get(i)).bytes();
            long used = usedBytes(stack.get(i), bytes);
            MemorySegment.copy(bytes, 0, copy.memory(), at, used);
            put(table, i, plane, at);
            at += Math.ceilDiv(used, 16) * 16;
        }
        return copy;
    }

    private static void put(DeviceBuffer table, int matrix, int field, long number) {
        table.memory()
                .setAtIndex(java.lang.foreign.ValueLayout.JAVA_LONG, (long) matrix * TABLE_FIELDS + field, number);
    }

    private static Weight.Plane plane(int plane, Weight weight) {
        return switch (plane) {
            case 0 -> weight.values();
            case 1 -> weight.scales();
            default -> weight.biases();
        };
    }

    /** What the kernels' loads need. */
    private static int alignment(QuantFormat format, int plane) {
        return switch (format) {
            case QuantFormat.Dense(DType type) -> type.sizeBytes();
            case QuantFormat.Fp8Tiles _ -> plane == 0 ? 1 : 4;
            case QuantFormat.Affine affine ->
                plane == 0 ? 4 : affine.scaleType().sizeBytes();
            case QuantFormat.Mxfp4 _, QuantFormat.Nvfp4 _, QuantFormat.Mxfp8 _ -> plane == 0 ? 4 : 1;
        };
    }

    @Override
    public void close() {
        views.forEach(view -> view.buffer().close());
        owned.forEach(DeviceBuffer::close);
    }
}
