package studio.atelier.models.convert;

import java.util.OptionalInt;
import studio.atelier.engine.quantize.Scheme;

/** How a model is made smaller. */
public final class Recipe {
    private final Scheme scheme;

    private Recipe(Scheme scheme) {
        this.scheme = scheme;
    }

    /** Four bits in groups of 64: what most models are published in. */
    public static Recipe usual() {
        return new Recipe(Scheme.affine(4, 64));
    }

    /**
     * A recipe by the name of its mode.
     *
     * @param bits of one code; the mode's usual ones when empty
     * @param groupSize neighbours that share a scale; the mode's usual number when empty
     * @throws IllegalArgumentException naming what there is
     */
    public static Recipe named(String mode, OptionalInt bits, OptionalInt groupSize) {
        Scheme usual =
                switch (mode) {
                    case "affine" -> Scheme.affine(4, 64);
                    case "mxfp4" -> Scheme.mxfp4();
                    case "nvfp4" -> Scheme.nvfp4();
                    case "mxfp8" -> Scheme.mxfp8();
                    default ->
                        throw new IllegalArgumentException("mode: expected affine, mxfp4, nvfp4 or mxfp8, got " + mode);
                };
        return new Recipe(new Scheme(usual.mode(), bits.orElse(usual.bits()), groupSize.orElse(usual.groupSize())));
    }

    Scheme scheme() {
        return scheme;
    }
}
