package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.GroupNorm;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.nn.Stages.Stage;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Window;

/** From pixels to a grid of codes: the other half of {@link VqDecoder}. */
public final class VqEncoder {
    private final Backend backend;
    private final CodeBook book;
    private final Stages stages;
    private final int pixelsPerCode;

    private VqEncoder(Backend backend, CodeBook book, Stages stages, int pixelsPerCode) {
        this.backend = backend;
        this.book = book;
        this.stages = stages;
        this.pixelsPerCode = pixelsPerCode;
    }

    /** Takes its layers from {@code encoder} and {@code quant_conv}, its codes from the decoder. */
    static VqEncoder load(VqConfig c, PictureModules modules, VqDecoder decoder) throws EngineException {
        VqModules vq = new VqModules(modules, c.groups());
        List<Stage> stages = new ArrayList<>();
        stages.add(new Stage("conv_in", modules.convolution("encoder.conv_in", c.channels(), 3, Window.AROUND)::apply));
        int in = c.channels();
        for (int grid = 0; grid < c.grids(); grid++) {
            stages.addAll(block(c, vq, grid, in));
            in = c.width(grid);
        }
        stages.add(new Stage("mid0", vq.residual("encoder.mid.0", in, in)::apply));
        stages.add(new Stage("mid1", vq.attention("encoder.mid.1", in)::apply));
        stages.add(new Stage("mid2", vq.residual("encoder.mid.2", in, in)::apply));
        GroupNorm norm = modules.groupNorm("encoder.norm_out", in, c.groups(), VqConfig.EPSILON);
        var last = modules.convolution("encoder.conv_out", c.latentChannels(), in, Window.AROUND);
        stages.add(new Stage("conv_out", x -> last.apply(norm.apply(x, Activation.SILU))));
        stages.add(new Stage(
                "prequant", modules.convolution("quant_conv", c.codeSize(), c.latentChannels(), Window.PIXEL)::apply));
        return new VqEncoder(
                modules.backend(), decoder.book(), new Stages(modules.backend(), stages), c.pixelsPerCode());
    }

    /** One grid: residual blocks, attention on the smallest, and all but the last are halved. */
    private static List<Stage> block(VqConfig c, VqModules vq, int grid, int in) throws EngineException {
        String at = "encoder.conv_blocks." + grid;
        int out = c.width(grid);
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < c.residuals(); i++) {
            stages.add(new Stage(at + ".res." + i, vq.residual(at + ".res." + i, i == 0 ? in : out, out)::apply));
            if (grid == c.grids() - 1) {
                stages.add(new Stage(at + ".attn." + i, vq.attention(at + ".attn." + i, out)::apply));
            }
        }
        if (grid < c.grids() - 1) {
            stages.add(new Stage(
                    "block" + grid,
                    vq.modules().convolution(at + ".downsample.conv", out, out, Window.HALVING)::apply));
        }
        return stages;
    }

    /**
     * The codes of a picture, row by row.
     *
     * @param pixels {@code [height, width, 3]} from -1 to 1; both sides multiples of {@link VqDecoder#pixelsPerCode}
     */
    public int[] encode(float[] pixels, int height, int width, Stages.Watcher watcher) {
        if (height % pixelsPerCode != 0 || width % pixelsPerCode != 0) {
            throw new IllegalArgumentException(
                    "picture: expected sides in steps of " + pixelsPerCode + ", got " + height + " × " + width);
        }
        Tensor latent = stages.run(backend.upload(Shape.of(height, width, 3), pixels), watcher); // [Y/16, X/16, 8]
        float[] rows = new float[latent.shape().size()];
        latent.copyTo(rows);
        return book.nearest(rows);
    }
}
