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

/** From a grid of codes to pixels: VQ-16 (Sun et al. 2024, LlamaGen, 2406.06525) as Janus has it. */
public final class VqDecoder {
    private final Backend backend;
    private final CodeBook book;
    private final Stages stages;
    private final int pixelsPerCode;

    private VqDecoder(Backend backend, CodeBook book, Stages stages, int pixelsPerCode) {
        this.backend = backend;
        this.book = book;
        this.stages = stages;
        this.pixelsPerCode = pixelsPerCode;
    }

    /** Takes its layers from {@code quantize}, {@code post_quant_conv} and {@code decoder}. */
    public static VqDecoder load(VqConfig c, PictureModules modules) throws EngineException {
        VqModules vq = new VqModules(modules, c.groups());
        int deepest = c.width(c.grids() - 1);
        List<Stage> stages = new ArrayList<>();
        stages.add(new Stage(
                "post_quant",
                modules.convolution("post_quant_conv", c.latentChannels(), c.codeSize(), Window.PIXEL)::apply));
        stages.add(new Stage(
                "conv_in", modules.convolution("decoder.conv_in", deepest, c.latentChannels(), Window.AROUND)::apply));
        stages.add(new Stage("mid0", vq.residual("decoder.mid.0", deepest, deepest)::apply));
        stages.add(new Stage("mid1", vq.attention("decoder.mid.1", deepest)::apply));
        stages.add(new Stage("mid2", vq.residual("decoder.mid.2", deepest, deepest)::apply));
        int in = deepest;
        for (int block = 0; block < c.grids(); block++) {
            int out = c.width(c.grids() - 1 - block);
            stages.addAll(block(c, vq, block, in, out));
            in = out;
        }
        GroupNorm norm = modules.groupNorm("decoder.norm_out", in, c.groups(), VqConfig.EPSILON);
        var last = modules.convolution("decoder.conv_out", 3, in, Window.AROUND);
        stages.add(new Stage("image", x -> last.apply(norm.apply(x, Activation.SILU))));
        float[] rows = modules.modules().weights().numbers("quantize.embedding.weight", c.codes(), c.codeSize());
        return new VqDecoder(
                modules.backend(),
                CodeBook.normalized(rows, c.codeSize()),
                new Stages(modules.backend(), stages),
                c.pixelsPerCode());
    }

    /** One grid: residual blocks, attention on the smallest, and all but the last are doubled. */
    private static List<Stage> block(VqConfig c, VqModules vq, int block, int in, int out) throws EngineException {
        String at = "decoder.conv_blocks." + block;
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i <= c.residuals(); i++) {
            stages.add(new Stage(at + ".res." + i, vq.residual(at + ".res." + i, i == 0 ? in : out, out)::apply));
            if (block == 0) {
                stages.add(new Stage(at + ".attn." + i, vq.attention(at + ".attn." + i, out)::apply));
            }
        }
        if (block < c.grids() - 1) {
            var larger = vq.modules().convolution(at + ".upsample.conv", out, out, Window.AROUND);
            stages.add(new Stage(
                    "block" + block, x -> larger.apply(vq.modules().pictures().doubled(x))));
        }
        return stages;
    }

    CodeBook book() {
        return book;
    }

    /** Pixels a side that one code becomes. */
    public int pixelsPerCode() {
        return pixelsPerCode;
    }

    /**
     * The picture of a grid.
     *
     * @param codes {@code [rows * columns]}, row by row
     * @param watcher told what each stage made
     * @return {@code [Y, X, 3]}, lasting; -1 is dark and 1 is bright
     */
    public Tensor decode(int[] codes, int rows, int columns, Stages.Watcher watcher) {
        if (codes.length != rows * columns) {
            throw new IllegalArgumentException("codes: expected " + rows + " × " + columns + ", got " + codes.length);
        }
        Tensor latent = backend.upload(Shape.of(rows, columns, book.size()), book.look(codes)); // [Y/16, X/16, 8]
        watcher.reached("zq", latent);
        return stages.run(latent, watcher);
    }
}
