package studio.atelier.models.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/**
 * A module's matrix, or a small tensor, as it will be written.
 *
 * @param name of the module for what is packed; of the tensor otherwise
 * @param type of the numbers, or of the scales for what is packed
 * @param scheme empty for what stays in floats
 */
record Output(String name, Rows rows, DType type, Optional<Scheme> scheme) {
    /** The tensors that it becomes, in the order of a {@code Quantized}'s parts. */
    List<Announced> tensors() {
        if (scheme.isEmpty()) {
            return List.of(new Announced(name, type, with(rows.columns())));
        }
        Scheme packing = scheme.get();
        long groups = rows.columns() / packing.groupSize();
        boolean affine = packing.mode() == Scheme.Mode.AFFINE;
        List<Announced> tensors = new ArrayList<>();
        tensors.add(new Announced(name + ".weight", DType.U32, with(packing.rowBytes(rows.columns()) / Integer.BYTES)));
        tensors.add(new Announced(name + ".scales", affine ? type : DType.U8, with(groups)));
        if (affine) {
            tensors.add(new Announced(name + ".biases", type, with(groups)));
        }
        return tensors;
    }

    /** Whether it is packed here, and so is not quite what was published. */
    boolean isQuantized() {
        return scheme.isPresent() && rows instanceof Rows.Numbers;
    }

    /** How many numbers of the model it holds. */
    long parameters() {
        return Math.multiplyExact(rows.count(), rows.columns());
    }

    long sizeBytes() {
        return tensors().stream().mapToLong(Announced::sizeBytes).sum();
    }

    private List<Long> with(long last) {
        List<Long> shape = new ArrayList<>(rows.leading());
        shape.add(last);
        return shape;
    }
}
