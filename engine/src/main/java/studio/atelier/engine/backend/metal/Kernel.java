package studio.atelier.engine.backend.metal;

import java.util.Locale;

/** The kernels by name, and the file in which each lies. */
enum Kernel {
    MULTIPLY("multiply"),
    MULTIPLY_EACH("multiply"),
    MULTIPLY_EACH_TRANSPOSED("multiply"),
    EMBED("multiply"),
    MULTIPLY_TILES("tiles"),
    SORT_EXPERTS("tiles"),
    EXPERT_GATE_UP_TILES("tiles"),
    EXPERT_DOWN_TILES("tiles"),
    SUM_EXPERTS("tiles"),
    CONVOLVE("tiles"),
    GATE_UP("experts"),
    DOWN("experts"),
    ROUTE("experts"),
    ATTEND("attention"),
    JOIN_SPLITS("attention"),
    ARRANGE("rows"),
    ADD("rows"),
    JOIN_GATE("rows"),
    BEST("choose"),
    GROUP_MOMENTS("pictures"),
    GROUP_NORM("pictures"),
    LAYER_NORM("pictures"),
    CHANGE_ELEMENTS("pictures"),
    DOUBLE_PIXELS("pictures"),
    TURN_PAIRS("pictures"),
    COPY_ELEMENTS("pictures"),
    ATTEND_ALL("full");

    private final String file;

    Kernel(String file) {
        this.file = file;
    }

    /** The file without its ending. */
    String file() {
        return file;
    }

    /** As it is called in the source. */
    String function() {
        return name().toLowerCase(Locale.ROOT);
    }
}
