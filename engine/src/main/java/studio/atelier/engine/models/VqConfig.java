package studio.atelier.engine.models;

import java.util.List;
import studio.atelier.engine.EngineException;

/**
 * Sizes of a vector-quantizing autoencoder.
 *
 * @param channels of the largest grid
 * @param multipliers of {@code channels}, from the largest grid to the smallest
 * @param residuals blocks per grid in the encoder; the decoder has one more
 * @param latentChannels of the smallest grid, before they become codes
 * @param codes entries of the code book
 * @param codeSize numbers per entry
 * @param groups of every group norm
 */
public record VqConfig(
        int channels,
        List<Integer> multipliers,
        int residuals,
        int latentChannels,
        int codes,
        int codeSize,
        int groups) {
    static final float EPSILON = 1e-6f;
    private static final int MOST_GRIDS = 8;

    public VqConfig {
        multipliers = List.copyOf(multipliers);
    }

    /** Reads what is written and takes the published VQ-16 for what is not. */
    static VqConfig from(Configuration c, int codes, int codeSize) throws EngineException {
        return read(c, new Names("ch_mult", "ch", "z_channels"), codes, codeSize);
    }

    /** As {@link #from}, in the words of Hugging Face's conversion. */
    static VqConfig converted(Configuration c, int codes, int codeSize) throws EngineException {
        return read(c, new Names("channel_multiplier", "base_channels", "latent_channels"), codes, codeSize);
    }

    /** What the same numbers are called. */
    private record Names(String multipliers, String channels, String latentChannels) {}

    private static VqConfig read(Configuration c, Names names, int codes, int codeSize) throws EngineException {
        List<Integer> written = c.integers(names.multipliers);
        List<Integer> multipliers = written.isEmpty() ? List.of(1, 1, 2, 2, 4) : written;
        int channels = c.integerOr(128, names.channels, 1, Bounds.WIDTH);
        int groups = c.integerOr(32, "group_norm_groups", 1, Bounds.WIDTH);
        for (int multiplier : multipliers) {
            if (multiplier < 1 || multiplier > 64 || channels * multiplier % groups != 0) {
                throw new EngineException(
                        EngineException.Reason.CONFIG_INVALID,
                        "config.json: " + names.multipliers + ": expected multiples of " + channels + " channels that "
                                + groups + " groups divide, got " + multipliers + ".");
            }
        }
        if (multipliers.size() > MOST_GRIDS) {
            throw new EngineException(
                    EngineException.Reason.CONFIG_INVALID,
                    "config.json: " + names.multipliers + ": expected at most " + MOST_GRIDS + " grids, got "
                            + multipliers.size() + ".");
        }
        return new VqConfig(
                channels,
                multipliers,
                c.integerOr(2, "num_res_blocks", 1, Bounds.LAYERS),
                c.integerOr(256, names.latentChannels, 1, Bounds.WIDTH),
                codes,
                codeSize,
                groups);
    }

    int grids() {
        return multipliers.size();
    }

    /** Channels of a grid, 0 the largest. */
    int width(int grid) {
        return channels * multipliers.get(grid);
    }

    /** Pixels a side that one code stands for. */
    public int pixelsPerCode() {
        return 1 << grids() - 1;
    }
}
