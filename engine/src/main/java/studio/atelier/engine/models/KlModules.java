package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.PixelAttention;
import studio.atelier.engine.nn.ResidualConvolutions;
import studio.atelier.engine.nn.Stages.Stage;
import studio.atelier.engine.tensor.Window;

/** The blocks that KL autoencoders are made of, by their names in diffusers. */
record KlModules(PictureModules modules, int groups) {
    static final float EPSILON = 1e-6f;

    Stage residual(String at, int in, int out) throws EngineException {
        ResidualConvolutions block = new ResidualConvolutions(
                modules.backend(),
                modules.groupNorm(at + ".norm1", in, groups, EPSILON),
                modules.convolution(at + ".conv1", out, in, Window.AROUND),
                modules.groupNorm(at + ".norm2", out, groups, EPSILON),
                modules.convolution(at + ".conv2", out, out, Window.AROUND),
                in == out
                        ? Optional.empty()
                        : Optional.of(modules.convolution(at + ".conv_shortcut", out, in, Window.PIXEL)));
        return new Stage(at, block::apply);
    }

    /** Two residual blocks with attention between them. */
    List<Stage> middle(String at, int channels) throws EngineException {
        String attention = at + ".attentions.0";
        PixelAttention between = new PixelAttention(
                modules.backend(),
                modules.pictures(),
                modules.groupNorm(attention + ".group_norm", channels, groups, EPSILON),
                modules.modules().linear(attention + ".to_q", channels, channels),
                modules.modules().linear(attention + ".to_k", channels, channels),
                modules.modules().linear(attention + ".to_v", channels, channels),
                modules.modules().linear(attention + ".to_out.0", channels, channels));
        List<Stage> stages = new ArrayList<>();
        stages.add(residual(at + ".resnets.0", channels, channels));
        stages.add(new Stage(attention, between::apply));
        stages.add(residual(at + ".resnets.1", channels, channels));
        return stages;
    }
}
