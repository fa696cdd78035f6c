package studio.atelier.engine.image;

import java.util.Optional;
import java.util.OptionalInt;
import studio.atelier.engine.models.Janus;

/**
 * A picture that Janus draws over: its own codes, and how they are held to. Where nothing is to be changed a code is read
 * as it is, and the picture's own pixels stay; elsewhere it is drawn, the source's code with a bias.
 */
final class JanusSource {
    /** A code of which less is painted over stays. */
    private static final double LEAST_SHARE = 0.25;

    private final int[] codes;
    private final boolean[] kept;
    private final float bias;
    private final Picture shown;

    /**
     * A source whose codes are known.
     *
     * @param codes row by row
     * @param kept whether a code stays
     * @param bias what is added to the logit of the source's code
     * @param shown the source as Janus sees it, a square
     */
    private JanusSource(int[] codes, boolean[] kept, float bias, Picture shown) {
        this.codes = codes;
        this.kept = kept;
        this.bias = bias;
        this.shown = shown;
    }

    static JanusSource of(Janus janus, Picture source, Retouch retouch, int grey, Pulse pulse) {
        Scaling.Frame frame = Scaling.frame(source, janus.pixels());
        Picture shown = Scaling.framed(source, janus.pixels(), grey);
        int[] codes = janus.encoder().encode(shown.numbers(), janus.pixels(), janus.pixels(), pulse);
        boolean[] kept = new boolean[codes.length];
        Optional<PictureMask> mask = retouch.mask();
        double step = (double) janus.pixels() / janus.grid();
        for (int i = 0; i < kept.length && mask.isPresent(); i++) {
            double left = (i % janus.grid() * step - frame.left()) / frame.width();
            double top = (i / janus.grid() * step - frame.top()) / frame.height();
            double share = mask.get().share(left, top, left + step / frame.width(), top + step / frame.height());
            kept[i] = share < LEAST_SHARE;
        }
        return new JanusSource(codes, kept, (float) retouch.sourceBias(), shown);
    }

    /** The source's code of a place, where it stays. */
    OptionalInt kept(int place) {
        return kept[place] ? OptionalInt.of(codes[place]) : OptionalInt.empty();
    }

    /** Logits with the bias for the code of this place. */
    float[] biased(float[] logits, int place) {
        if (bias == 0) {
            return logits;
        }
        float[] own = logits.clone();
        own[codes[place]] += bias;
        return own;
    }

    /** The first rows of codes that were drawn, with the source's pixels where its codes stayed and below these rows. */
    Picture with(Picture drawn, int rows, int grid) {
        int[] pixels = drawn.pixels();
        for (int y = 0; y < drawn.height(); y++) {
            for (int x = 0; x < drawn.width(); x++) {
                int row = y * grid / shown.height();
                int column = x * grid / shown.width();
                if (row >= rows || kept[row * grid + column]) {
                    pixels[y * drawn.width() + x] = shown.argb(x, y);
                }
            }
        }
        return Picture.of(drawn.width(), drawn.height(), pixels);
    }
}
