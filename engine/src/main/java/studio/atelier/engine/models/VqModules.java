package studio.atelier.engine.models;

import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.PixelAttention;
import studio.atelier.engine.nn.ResidualConvolutions;
import studio.atelier.engine.tensor.Window;

/** The two blocks that VQ-16's encoder and decoder are made of, by their names in its checkpoints. */
record VqModules(PictureModules modules, int groups) {
    ResidualConvolutions residual(String at, int in, int out) throws EngineException {
        return new ResidualConvolutions(
                modules.backend(),
                modules.groupNorm(at + ".norm1", in, groups, VqConfig.EPSILON),
                modules.convolution(at + ".conv1", out, in, Window.AROUND),
                modules.groupNorm(at + ".norm2", out, groups, VqConfig.EPSILON),
                modules.convolution(at + ".conv2", out, out, Window.AROUND),
                in == out
                        ? Optional.empty()
                        : Optional.of(modules.convolution(at + ".nin_shortcut", out, in, Window.PIXEL)));
    }

    PixelAttention attention(String at, int channels) throws EngineException {
        return new PixelAttention(
                modules.backend(),
                modules.pictures(),
                modules.groupNorm(at + ".norm", channels, groups, VqConfig.EPSILON),
                modules.pixelLinear(at + ".q", channels, channels),
                modules.pixelLinear(at + ".k", channels, channels),
                modules.pixelLinear(at + ".v", channels, channels),
                modules.pixelLinear(at + ".proj_out", channels, channels));
    }
}
