package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.RotaryTable;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/** Operations on pictures, written down as the others are. */
final class RecordingPictures implements PictureOperations {
    private final RecordingBackend backend;
    private @Nullable Angles angles;

    /** Rotations in the GPU's memory: every block of a model turns by the same ones. */
    private record Angles(RotaryTable table, Tensor cosines, Tensor sines) {}

    RecordingPictures(RecordingBackend backend) {
        this.backend = backend;
    }

    @Override
    public Tensor convolve(Tensor x, Weight filter, Optional<Tensor> bias, Window window) {
        Shape shape = x.shape();
        int columns = window.height() * window.width() * shape.width();
        require(shape.rank() == 3 && filter.columns() == columns, filter.name(), "[Y, X, C]", filter.columns(), x);
        return backend.record(
                new PictureWork.Convolve(MetalBuffer.input(x), filter, bias.map(MetalBuffer::input), window));
    }

    @Override
    public Tensor groupNorm(Tensor x, Tensor weight, Tensor bias, int groups, float epsilon, Activation then) {
        int channels = x.shape().width();
        boolean fits = weight.shape().size() == channels && groups > 0 && channels % groups == 0;
        require(fits && groups <= PicturePlan.MOST_GROUPS, "group norm", "C", groups, x);
        return backend.record(new PictureWork.GroupNorm(
                MetalBuffer.input(x), MetalBuffer.input(weight), MetalBuffer.input(bias), groups, epsilon, then));
    }

    @Override
    public Tensor layerNorm(Tensor x, Optional<Tensor> weight, Optional<Tensor> bias, float epsilon) {
        return backend.record(new PictureWork.LayerNorm(
                MetalBuffer.input(x), weight.map(MetalBuffer::input), bias.map(MetalBuffer::input), epsilon));
    }

    @Override
    public Tensor activate(Tensor x, Activation activation) {
        return backend.record(new PictureWork.Activate(MetalBuffer.input(x), activation));
    }

    @Override
    public Tensor doubled(Tensor x) {
        require(x.shape().rank() == 3, "doubled", "[Y, X, C]", 3, x);
        return backend.record(new PictureWork.Doubled(MetalBuffer.input(x)));
    }

    @Override
    public Tensor attendAll(Tensor queries, Tensor keys, Tensor values, float scale) {
        return attend(queries, keys, values, scale, keys.shape().axis(0) - 1);
    }

    /** Attention over keys of this pass: query {@code l} sees the keys up to {@code first + l}. */
    Tensor attend(Tensor queries, Tensor keys, Tensor values, float scale, int first) {
        int heads = queries.shape().axis(1);
        int keyHeads = keys.shape().axis(1);
        require(heads % keyHeads == 0, "attention", "a multiple of the key heads", keyHeads, queries);
        require(keys.shape().equals(values.shape()), "attention", "values like keys", keyHeads, values);
        return backend.record(new PictureWork.AttendAll(
                MetalBuffer.input(queries), MetalBuffer.input(keys), MetalBuffer.input(values), scale, first));
    }

    @Override
    public Tensor modulate(Tensor x, Tensor shift, Tensor scale) {
        int width = x.shape().width();
        require(shift.shape().size() == width && scale.shape().size() == width, "modulation", "E", width, shift);
        return backend.record(
                new PictureWork.Modulate(MetalBuffer.input(x), MetalBuffer.input(shift), MetalBuffer.input(scale)));
    }

    @Override
    public Tensor addGated(Tensor x, Tensor gate, Tensor y) {
        int width = x.shape().width();
        require(gate.shape().size() == width && x.shape().equals(y.shape()), "gate", "E", width, y);
        return backend.record(
                new PictureWork.AddGated(MetalBuffer.input(x), MetalBuffer.input(gate), MetalBuffer.input(y)));
    }

    @Override
    public void rotate(Tensor x, RotaryTable table) {
        boolean fits = x.shape().axis(0) == table.rows() && x.shape().width() == 2 * table.pairs();
        require(fits, "rotations", "rows and pairs", table.rows(), x);
        Angles by = angles(table);
        Tensor turned = backend.record(new PictureWork.Turn(
                MetalBuffer.input(x), MetalBuffer.input(by.cosines()), MetalBuffer.input(by.sines())));
        MetalBuffer.of(x).replace(MetalBuffer.of(turned).value());
    }

    private Angles angles(RotaryTable table) {
        Angles known = angles;
        if (known != null && known.table().equals(table)) {
            return known;
        }
        Shape shape = Shape.of(table.rows(), table.pairs());
        Angles made = new Angles(table, backend.upload(shape, table.cosines()), backend.upload(shape, table.sines()));
        angles = made;
        return made;
    }

    @Override
    public Tensor rows(Tensor x, int from, int to) {
        require(from >= 0 && from <= to && to <= x.shape().axis(0), "rows", from + " to " + to, to - from, x);
        return backend.record(new PictureWork.Rows(MetalBuffer.input(x), from, to));
    }

    @Override
    public Tensor stack(List<Tensor> parts) {
        return backend.record(
                new PictureWork.Stack(parts.stream().map(MetalBuffer::input).toList()));
    }

    private static void require(boolean fits, String what, String expectation, int number, Tensor got) {
        if (!fits) {
            throw new IllegalArgumentException(
                    what + ": expected " + expectation + " of " + number + ", got " + got.shape());
        }
    }
}
