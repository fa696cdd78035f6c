package studio.atelier.models.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/**
 * A tensor of a GGUF file on its way into a folder.
 *
 * @param name of the new tensor
 * @param heads whose rows go from pairs to halves; 0 for none
 */
record GgufRows(String name, GgufTensor tensor, int heads, Optional<Scheme> scheme) {
    static GgufRows of(String name, GgufTensor tensor, int heads) throws EngineException {
        if (heads > 0 && tensor.rows() % (2L * heads) != 0) {
            throw new EngineException(
                    Reason.TENSOR_SHAPE,
                    "The tensor " + tensor.name() + " has " + tensor.rows() + " rows, which " + heads
                            + " heads can't share; download the model again.");
        }
        return new GgufRows(name, tensor, heads, GgufPacking.scheme(tensor.type()));
    }

    /** The name without what stands behind the last point. */
    String module() {
        return name.substring(0, name.lastIndexOf('.'));
    }

    private DType dense() {
        return switch (tensor.type()) {
            case F16 -> DType.F16;
            case BF16 -> DType.BF16;
            case F32, Q4_0, Q8_0, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4 -> DType.F32;
        };
    }

    List<Announced> tensors() {
        if (scheme.isEmpty()) {
            return List.of(new Announced(name, dense(), shape(tensor.columns())));
        }
        Scheme packing = scheme.get();
        boolean affine = packing.mode() == Scheme.Mode.AFFINE;
        long groups = tensor.columns() / packing.groupSize();
        List<Announced> tensors = new ArrayList<>();
        tensors.add(new Announced(module() + ".weight", DType.U32, shape(packing.rowBytes(tensor.columns()) / 4)));
        tensors.add(new Announced(module() + ".scales", affine ? DType.F16 : DType.U8, shape(groups)));
        if (affine) {
            tensors.add(new Announced(module() + ".biases", DType.F16, shape(groups)));
        }
        return tensors;
    }

    private List<Long> shape(long last) {
        List<Long> shape = new ArrayList<>();
        long[] axes = tensor.shape();
        for (int i = 0; i < axes.length - 1; i++) {
            shape.add(axes[i]);
        }
        shape.add(last);
        return shape;
    }

    /** Where a row of the new tensor lies in the file. */
    long sourceRow(long row) {
        if (heads == 0) {
            return row;
        }
        long size = tensor.rows() / heads;
        long inHead = row % size;
        return row - inHead + inHead % (size / 2) * 2 + inHead / (size / 2);
    }

    /** Writes all rows; returns how many bytes those were. */
    long write(SafetensorsWriter writer) throws IOException, EngineException {
        long before = 0;
        for (long row = 0; row < tensor.rows(); row++) {
            List<MemorySegment> parts =
                    switch (GgufPacking.of(tensor.type())) {
                        case DENSE -> List.of(denseRow(sourceRow(row)));
                        case KEPT, KEPT_MXFP4 -> keptRow(sourceRow(row));
                        case EIGHT_BIT -> eightBitRow(sourceRow(row));
                    };
            List<Announced> tensors = tensors();
            for (int i = 0; i < parts.size(); i++) {
                writer.write(tensors.get(i).name(), parts.get(i));
                before += parts.get(i).byteSize();
            }
        }
        return before;
    }

    private MemorySegment denseRow(long row) {
        long rowBytes = tensor.type().rowBytes(tensor.columns());
        return tensor.bytes().asSlice(row * rowBytes, rowBytes);
    }

    private List<MemorySegment> keptRow(long row) throws EngineException {
        Scheme packing = scheme.orElseThrow();
        int groups = tensor.columns() / 32;
        boolean affine = packing.mode() == Scheme.Mode.AFFINE;
        byte[] codes = new byte[(int) packing.rowBytes(tensor.columns())];
        MemorySegment scales = MemorySegment.ofArray(new byte[affine ? 2 * groups : groups]);
        MemorySegment biases = MemorySegment.ofArray(new byte[2 * groups]);
        GgufPacking.Group group = new GgufPacking.Group();
        for (int g = 0; g < groups; g++) {
            group.read(tensor, row, g);
            for (int j = 0; j < 32; j++) {
                pack(codes, g * 32 + j, packing.bits(), group.codes[j]);
            }
            if (affine) {
                scales.set(RowDecoder.SHORT, 2L * g, Float.floatToFloat16(group.scale));
                biases.set(RowDecoder.SHORT, 2L * g, Float.floatToFloat16(group.bias));
            } else {
                scales.set(ValueLayout.JAVA_BYTE, g, group.exponent);
            }
        }
        return affine
                ? List.of(MemorySegment.ofArray(codes), scales, biases)
                : List.of(MemorySegment.ofArray(codes), scales);
    }

    private static void pack(byte[] stream, int index, int bits, int code) {
        int bit = index * bits;
        int shifted = code << (bit & 7);
        stream[bit >> 3] |= (byte) shifted;
        if (shifted > 0xFF) {
            stream[(bit >> 3) + 1] |= (byte) (shifted >> 8);
        }
    }

    private List<MemorySegment> eightBitRow(long row) throws EngineException {
        float[] values = new float[tensor.columns()];
        tensor.read(row, values, 0);
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new EngineException(
                        Reason.MODEL_FILE_BROKEN,
                        "The tensor " + tensor.name() + " holds " + value + " in row " + row + "; download it again.");
            }
        }
        Quantized packed = Quantizer.quantize(values, 1, values.length, scheme.orElseThrow(), DType.F16);
        return List.of(packed.packed(), packed.scales(), packed.biases());
    }
}
