package studio.atelier.engine.backend.cpu;

import java.util.List;
import java.util.Optional;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.RotaryTable;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/** Operations for pictures on the processor, over the same {@link Kernels}, threads and memory as all others. */
final class CpuPictures implements PictureOperations {
    private static final float[] NOTHING = {};

    private final PassMemory memory;
    private final CpuConvolution convolution;
    private final CpuNorms norms;
    private final CpuFullAttention attention;

    CpuPictures(Kernels kernels, CpuThreads threads, Scratch scratch, PassMemory memory) {
        this.memory = memory;
        this.convolution = new CpuConvolution(kernels, threads, scratch);
        this.norms = new CpuNorms(threads);
        this.attention = new CpuFullAttention(kernels, threads, scratch);
    }

    @Override
    public Tensor convolve(Tensor x, Weight filter, Optional<Tensor> bias, Window window) {
        Shape shape = x.shape();
        int columns = window.height() * window.width() * shape.width();
        require(shape.rank() == 3 && filter.columns() == columns, filter.name(), "[Y, X, C]", filter.columns(), x);
        int height = window.positions(shape.axis(0), window.height());
        int width = window.positions(shape.axis(1), window.width());
        Tensor out = memory.allocate(Shape.of(height, width, filter.rows())); // [Y', X', O]
        convolution.convolve(
                HeapBuffer.of(x),
                new CpuConvolution.Sizes(shape.axis(0), shape.axis(1), shape.axis(2)),
                filter,
                bias.map(HeapBuffer::of).orElse(NOTHING),
                window,
                HeapBuffer.of(out),
                new CpuConvolution.Sizes(height, width, filter.rows()));
        return out;
    }

    @Override
    public Tensor groupNorm(Tensor x, Tensor weight, Tensor bias, int groups, float epsilon, Activation then) {
        int channels = x.shape().width();
        require(
                weight.shape().size() == channels && groups > 0 && channels % groups == 0,
                "group norm",
                "C",
                groups,
                x);
        Tensor out = memory.allocate(x.shape());
        norms.group(
                HeapBuffer.of(x),
                HeapBuffer.of(weight),
                HeapBuffer.of(bias),
                groups,
                epsilon,
                then,
                HeapBuffer.of(out),
                x.shape().rows(),
                channels);
        return out;
    }

    @Override
    public Tensor layerNorm(Tensor x, Optional<Tensor> weight, Optional<Tensor> bias, float epsilon) {
        Tensor out = memory.allocate(x.shape());
        norms.layer(
                HeapBuffer.of(x),
                weight.map(HeapBuffer::of).orElse(NOTHING),
                bias.map(HeapBuffer::of).orElse(NOTHING),
                epsilon,
                HeapBuffer.of(out),
                x.shape().rows(),
                x.shape().width());
        return out;
    }

    @Override
    public Tensor activate(Tensor x, Activation activation) {
        Tensor out = memory.allocate(x.shape());
        norms.activate(
                activation, HeapBuffer.of(x), HeapBuffer.of(out), x.shape().size());
        return out;
    }

    @Override
    public Tensor doubled(Tensor x) {
        Shape shape = x.shape();
        Tensor out = memory.allocate(Shape.of(2 * shape.axis(0), 2 * shape.axis(1), shape.axis(2))); // [2Y, 2X, C]
        CpuNorms.doubled(HeapBuffer.of(x), shape.axis(0), shape.axis(1), shape.axis(2), HeapBuffer.of(out));
        return out;
    }

    @Override
    public Tensor attendAll(Tensor queries, Tensor keys, Tensor values, float scale) {
        int heads = queries.shape().axis(1);
        int keyHeads = keys.shape().axis(1);
        require(heads % keyHeads == 0, "attention", "a multiple of the key heads", keyHeads, queries);
        require(keys.shape().equals(values.shape()), "attention", "values like keys", keyHeads, values);
        Tensor out = memory.allocate(queries.shape()); // [L, H, D]
        attention.attend(
                HeapBuffer.of(queries),
                HeapBuffer.of(keys),
                HeapBuffer.of(values),
                HeapBuffer.of(out),
                new CpuFullAttention.Sizes(
                        queries.shape().axis(0),
                        keys.shape().axis(0),
                        heads,
                        keyHeads,
                        queries.shape().axis(2)),
                scale);
        return out;
    }

    @Override
    public Tensor modulate(Tensor x, Tensor shift, Tensor scale) {
        int width = x.shape().width();
        require(shift.shape().size() == width && scale.shape().size() == width, "modulation", "E", width, shift);
        Tensor out = memory.allocate(x.shape());
        float[] from = HeapBuffer.of(x);
        float[] factor = HeapBuffer.of(scale);
        float[] addend = HeapBuffer.of(shift);
        float[] to = HeapBuffer.of(out);
        for (int row = 0; row < x.shape().rows(); row++) {
            for (int c = 0; c < width; c++) {
                int at = row * width + c;
                to[at] = from[at] * (1 + factor[c]) + addend[c];
            }
        }
        return out;
    }

    @Override
    public Tensor addGated(Tensor x, Tensor gate, Tensor y) {
        int width = x.shape().width();
        require(gate.shape().size() == width && x.shape().equals(y.shape()), "gate", "E", width, y);
        Tensor out = memory.allocate(x.shape());
        float[] base = HeapBuffer.of(x);
        float[] factor = HeapBuffer.of(gate);
        float[] from = HeapBuffer.of(y);
        float[] to = HeapBuffer.of(out);
        for (int row = 0; row < x.shape().rows(); row++) {
            for (int c = 0; c < width; c++) {
                int at = row * width + c;
                to[at] = base[at] + factor[c] * from[at];
            }
        }
        return out;
    }

    @Override
    public void rotate(Tensor x, RotaryTable table) {
        Shape shape = x.shape();
        require(
                shape.axis(0) == table.rows() && shape.width() == 2 * table.pairs(),
                "rotations",
                "rows and pairs",
                table.rows(),
                x);
        float[] elements = HeapBuffer.of(x);
        int heads = shape.axis(1);
        for (int row = 0; row < shape.axis(0) * heads; row++) {
            int angle = row / heads * table.pairs();
            for (int i = 0; i < table.pairs(); i++) {
                int at = row * shape.width() + 2 * i;
                float a = elements[at];
                float b = elements[at + 1];
                float cos = table.cosines()[angle + i];
                float sin = table.sines()[angle + i];
                elements[at] = a * cos - b * sin;
                elements[at + 1] = a * sin + b * cos;
            }
        }
    }

    @Override
    public Tensor rows(Tensor x, int from, int to) {
        int size = x.shape().size() / x.shape().axis(0);
        Tensor out = memory.allocate(withRows(x.shape(), to - from));
        System.arraycopy(HeapBuffer.of(x), from * size, HeapBuffer.of(out), 0, (to - from) * size);
        return out;
    }

    @Override
    public Tensor stack(List<Tensor> parts) {
        int rows = 0;
        for (Tensor part : parts) {
            rows += part.shape().axis(0);
        }
        Tensor out = memory.allocate(withRows(parts.getFirst().shape(), rows));
        int at = 0;
        for (Tensor part : parts) {
            System.arraycopy(
                    HeapBuffer.of(part), 0, HeapBuffer.of(out), at, part.shape().size());
            at += part.shape().size();
        }
        return out;
    }

    private static Shape withRows(Shape shape, int rows) {
        int[] axes = new int[shape.rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i == 0 ? rows : shape.axis(i);
        }
        return Shape.of(axes);
    }

    private static void require(boolean fits, String what, String expectation, int number, Tensor got) {
        if (!fits) {
            throw new IllegalArgumentException(
                    what + ": expected " + expectation + " of " + number + ", got " + got.shape());
        }
    }
}
