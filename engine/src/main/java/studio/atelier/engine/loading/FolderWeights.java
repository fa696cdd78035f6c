package studio.atelier.engine.loading;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;
import studio.atelier.engine.tensor.WeightSource;
import studio.atelier.engine.tensor.WeightStack;
import studio.atelier.engine.weights.StoredTensor;

/**
 * The tensors of a folder, handed out by module name once their shapes were checked, with a list of what nobody asked
 * for.
 */
final class FolderWeights implements WeightSource {
    private final Map<String, StoredTensor> tensors;
    private final Quantization quantization;
    private final Set<String> used = new HashSet<>();

    FolderWeights(Map<String, StoredTensor> tensors, Quantization quantization) {
        this.tensors = tensors;
        this.quantization = quantization;
    }

    @Override
    public boolean has(String tensor) {
        return tensors.containsKey(tensor);
    }

    @Override
    public Weight matrix(String module, int rows, int columns) throws EngineException {
        return packed(module, rows, columns, new int[] {rows});
    }

    @Override
    public WeightStack stack(String module, int count, int rows, int columns) throws EngineException {
        Weight all = packed(module, Math.multiplyExact(count, rows), columns, new int[] {count, rows});
        List<Weight> each = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            each.add(all.slice(i * rows, rows));
        }
        return new WeightStack(each);
    }

    @Override
    public WeightStack mxfp4Blocks(String prefix, int count, int rows, int columns) throws EngineException {
        int groups = columns / 32;
        StoredTensor blocks = take(prefix + "_blocks", new int[] {count, rows, groups, 16}, DType.U8);
        StoredTensor scales = take(prefix + "_scales", new int[] {count, rows, groups}, DType.U8);
        Weight all = new Weight(
                prefix,
                Math.multiplyExact(count, rows),
                columns,
                new QuantFormat.Mxfp4(),
                new Plane(blocks.bytes(), 16L * groups),
                new Plane(scales.bytes(), groups),
                Plane.NONE,
                0);
        List<Weight> each = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            each.add(all.slice(i * rows, rows));
        }
        return new WeightStack(each);
    }

    @Override
    public Weight filter(String module, int out, int in, int height, int width) throws EngineException {
        String name = module + ".weight";
        int[] first = {out, in, height, width};
        int[] last = {out, height, width, in};
        boolean lastLies = has(name) && Arrays.equals(found(name).shape(), longs(last));
        // Where both fit, the file is taken for PyTorch's.
        boolean turned = !lastLies || Arrays.equals(first, last);
        int[] axes = turned ? first : last;
        StoredTensor stored = take(name, axes, DType.BF16, DType.F16, DType.F32);
        MemorySegment bytes = turned ? Filters.channelsLast(stored, axes) : stored.bytes();
        return Weight.dense(module, out, height * width * in, stored.dtype(), bytes);
    }

    @Override
    public float[] numbers(String name, int... axes) throws EngineException {
        StoredTensor tensor = take(name, axes, DType.F32, DType.BF16, DType.F16);
        int count = 1;
        for (int axis : axes) {
            count = Math.multiplyExact(count, axis);
        }
        return Numbers.floats(tensor.bytes(), tensor.dtype(), count);
    }

    @Override
    public WeightStack requantized(Weight whole, int count, int first, int stride, int rows, boolean transposed)
            throws EngineException {
        return Requantization.of(whole, count, first, stride, rows, transposed);
    }

    @Override
    public void ignore(String tensor) {
        used.add(tensor);
        String module = tensor.replaceFirst("\\.weight$", "");
        used.addAll(List.of(module + ".scales", module + ".biases", module + ".bias", tensor + "_scale_inv"));
    }

    /** Refuses the folder when it holds tensors that its architecture has no place for. */
    void requireAllUsed(String architecture) throws EngineException {
        Set<String> unused = new TreeSet<>(tensors.keySet());
        unused.removeAll(used);
        // Old checkpoints carry the rotary frequencies, which follow from the configuration.
        unused.removeIf(name -> name.endsWith("rotary_emb.inv_freq"));
        if (!unused.isEmpty()) {
            StoredTensor first = found(unused.iterator().next());
            throw new EngineException(
                    Reason.TENSOR_UNUSED,
                    first.file().getFileName() + ": "
                            + (unused.size() == 1
                                    ? "the tensor \"" + first.name() + "\" has"
                                    : unused.size() + " tensors, the first \"" + first.name() + "\", have")
                            + " no place in a " + architecture + " model of this configuration.");
        }
    }

    private Weight packed(String module, int rows, int columns, int[] leading) throws EngineException {
        if (has(module + ".scales")) {
            return quantized(module, rows, columns, leading);
        }
        if (has(module + ".weight_scale_inv")) {
            return tiled(module, rows, columns);
        }
        StoredTensor values = take(module + ".weight", with(leading, columns), DType.BF16, DType.F16, DType.F32);
        return Weight.dense(module, rows, columns, values.dtype(), values.bytes());
    }

    private Weight quantized(String module, int rows, int columns, int[] leading) throws EngineException {
        StoredTensor scalesTensor = found(module + ".scales");
        QuantFormat format = quantization.of(module, scalesTensor.dtype());
        int groupSize =
                switch (format) {
                    case QuantFormat.Affine affine -> affine.groupSize();
                    case QuantFormat.Mxfp4 _, QuantFormat.Mxfp8 _ -> 32;
                    case QuantFormat.Nvfp4 _ -> 16;
                    case QuantFormat.Dense _, QuantFormat.Fp8Tiles _ -> throw new AssertionError(format);
                };
        if (columns % groupSize != 0) {
            throw new EngineException(
                    Reason.TENSOR_SHAPE,
                    scalesTensor.file().getFileName() + ": \"" + module + "\" has " + columns
                            + " inputs, which groups of " + groupSize + " don't divide.");
        }
        int words = Math.multiplyExact(columns, format.bitsPerValue()) / 32;
        StoredTensor values = take(module + ".weight", with(leading, words), DType.U32);
        int groups = columns / groupSize;
        boolean affine = format instanceof QuantFormat.Affine;
        DType[] scaleTypes = affine ? new DType[] {DType.BF16, DType.F16, DType.F32} : new DType[] {DType.U8};
        StoredTensor scales = take(module + ".scales", with(leading, groups), scaleTypes);
        Plane scalePlane =
                new Plane(scales.bytes(), (long) groups * scales.dtype().sizeBytes());
        Plane biasPlane = Plane.NONE;
        if (affine) {
            StoredTensor biases = take(module + ".biases", with(leading, groups), scales.dtype());
            biasPlane = new Plane(biases.bytes(), (long) groups * biases.dtype().sizeBytes());
        }
        return new Weight(
                module, rows, columns, format, new Plane(values.bytes(), 4L * words), scalePlane, biasPlane, 0);
    }

    private Weight tiled(String module, int rows, int columns) throws EngineException {
        QuantFormat.Fp8Tiles tiles = quantization.tiles();
        StoredTensor values = take(module + ".weight", new int[] {rows, columns}, DType.F8_E4M3);
        int tileColumns = Math.ceilDiv(columns, tiles.tileColumns());
        int[] axes = {Math.ceilDiv(rows, tiles.tileRows()), tileColumns};
        StoredTensor scales = take(module + ".weight_scale_inv", axes, DType.F32);
        return new Weight(
                module,
                rows,
                columns,
                tiles,
                new Plane(values.bytes(), columns),
                new Plane(scales.bytes(), 4L * tileColumns),
                Plane.NONE,
                0);
    }

    /** A tensor of this shape and one of these types; marks it as used. */
    private StoredTensor take(String name, int[] axes, DType... types) throws EngineException {
        StoredTensor tensor = found(name);
        long[] expected = longs(axes);
        if (!Arrays.equals(tensor.shape(), expected)) {
            throw new EngineException(
                    Reason.TENSOR_SHAPE,
                    tensor.file().getFileName() + ": the tensor \"" + name + "\" has the shape "
                            + Arrays.toString(tensor.shape()) + ", but config.json asks for "
                            + Arrays.toString(expected) + ".");
        }
        if (!Arrays.asList(types).contains(tensor.dtype())) {
            throw new EngineException(
                    Reason.DTYPE_UNSUPPORTED,
                    tensor.file().getFileName() + ": the tensor \"" + name + "\" is stored as " + tensor.dtype()
                            + ", but should be " + (types.length == 1 ? "" : "one of ")
                            + String.join(
                                    ", ", Arrays.stream(types).map(DType::name).toList()) + ".");
        }
        used.add(name);
        return tensor;
    }

    private StoredTensor found(String name) throws EngineException {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new EngineException(
                    Reason.TENSOR_MISSING,
                    "The tensor \"" + name + "\" is missing from the model's " + tensors.size()
                            + " tensors; the download may be incomplete.");
        }
        return tensor;
    }

    private static long[] longs(int[] axes) {
        return Arrays.stream(axes).asLongStream().toArray();
    }

    private static int[] with(int[] leading, int last) {
        int[] axes = Arrays.copyOf(leading, leading.length + 1);
        axes[leading.length] = last;
        return axes;
    }

    /** Shows all files to what will compute with them. */
    static void adopt(Map<String, StoredTensor> tensors, Backend backend) throws EngineException {
        Map<Path, List<MemorySegment>> byFile = new LinkedHashMap<>();
        for (StoredTensor tensor : tensors.values()) {
            byFile.computeIfAbsent(tensor.file(), _ -> new ArrayList<>()).add(tensor.bytes());
        }
        for (List<MemorySegment> file : byFile.values()) {
            backend.adopt(file);
        }
    }

    /** All bytes of all tensors. */
    static long sizeBytes(Map<String, StoredTensor> tensors) {
        return tensors.values().stream()
                .map(StoredTensor::bytes)
                .mapToLong(MemorySegment::byteSize)
                .sum();
    }
}
