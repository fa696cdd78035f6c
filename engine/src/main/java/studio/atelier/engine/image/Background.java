package studio.atelier.engine.image;

/** What is behind what was drawn. */
public sealed interface Background {
    /** The model decides, or the prompt. */
    record Automatic() implements Background {}

    /** Nothing: alpha 0. */
    record Transparent() implements Background {}

    /** One colour, {@code 0xRRGGBB}. */
    record Plain(int rgb) implements Background {}
}
