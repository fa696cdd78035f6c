package studio.atelier.engine.models;

/** The largest sizes that are believed of a configuration; far above any known model, low enough to multiply safely. */
final class Bounds {
    static final int LAYERS = 1 << 10;
    static final int WIDTH = 1 << 18;
    static final int HEADS = 1 << 10;
    static final int EXPERTS = 1 << 12;
    static final int VOCABULARY = 1 << 21;
    static final int POSITIONS = 1 << 24;

    private Bounds() {}
}
