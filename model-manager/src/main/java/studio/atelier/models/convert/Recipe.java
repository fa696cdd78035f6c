package studio.atelier.models.convert;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;
import studio.atelier.engine.quantize.Scheme;

/** How a model is made smaller: one way for most of it, others for single kinds of weights. */
public final class Recipe {
    /** What a weight is for. */
    public enum Kind {
        EMBEDDING,
        ATTENTION,
        /** Of all experts, or of a dense model. */
        FEED_FORWARD,
        HEAD;

        static Kind of(String module) {
            if (module.endsWith("embed_tokens")) {
                return EMBEDDING;
            }
            if (module.endsWith("lm_head")) {
                return HEAD;
            }
            return module.contains("_attn.") || module.contains(".attention.") ? ATTENTION : FEED_FORWARD;
        }
    }

    private final Scheme scheme;
    private final Map<Kind, Scheme> kinds;

    private Recipe(Scheme scheme, Map<Kind, Scheme> kinds) {
        this.scheme = scheme;
        this.kinds = Map.copyOf(kinds);
    }

    private Recipe(Scheme scheme) {
        this(scheme, Map.of());
    }

    /** The same, but affine with so many bits for one kind. */
    public Recipe with(Kind kind, int bits) {
        Map<Kind, Scheme> more = new EnumMap<>(Kind.class);
        more.putAll(kinds);
        more.put(kind, Scheme.affine(bits, scheme.mode() == Scheme.Mode.AFFINE ? scheme.groupSize() : 64));
        return new Recipe(scheme, more);
    }

    /**
     * For models of pictures of which a language model is a part, where nobody chose otherwise: of a small one in 4 bits
     * the logits of codes keep a cosine of 0.97 to the published ones; with this, 0.98 and more ({@code JanusGolden}).
     */
    Recipe forPictures() {
        return atLeast(Kind.ATTENTION, 6).atLeast(Kind.HEAD, 6).atLeast(Kind.EMBEDDING, 8);
    }

    private Recipe atLeast(Kind kind, int bits) {
        boolean enough = kinds.containsKey(kind) || scheme.mode() != Scheme.Mode.AFFINE || scheme.bits() >= bits;
        return enough ? this : with(kind, bits);
    }

    /** For this module, by its name without {@code .weight}. */
    public Scheme scheme(String module) {
        return kinds.getOrDefault(Kind.of(module), scheme);
    }

    /** Four bits in groups of 64: what most models are published in. */
    public static Recipe usual() {
        return new Recipe(Scheme.affine(4, 64));
    }

    /** Four bits, but six for attention and the head: they are a small part of the weights and matter most. */
    public static Recipe careful() {
        return usual().with(Kind.ATTENTION, 6).with(Kind.HEAD, 6);
    }

    /** Eight bits in groups of 64. */
    public static Recipe eightBits() {
        return new Recipe(Scheme.affine(8, 64));
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

    /** In words that stay the same, as manifests keep them. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(text(scheme));
        for (Kind kind : Kind.values()) {
            Scheme own = kinds.get(kind);
            if (own != null) {
                text.append(", ")
                        .append(kind.name().toLowerCase(java.util.Locale.ROOT))
                        .append(' ')
                        .append(text(own));
            }
        }
        return text.toString();
    }

    private static String text(Scheme scheme) {
        return scheme.mode().name().toLowerCase(java.util.Locale.ROOT) + " " + scheme.bits() + "-bit, group "
                + scheme.groupSize();
    }
}
