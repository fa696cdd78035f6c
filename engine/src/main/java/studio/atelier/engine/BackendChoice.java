package studio.atelier.engine;

import java.util.Locale;

/** Which processor the engine computes on. */
public enum BackendChoice {
    /** The fastest that this machine has. */
    AUTOMATIC,
    /** All cores, with vector instructions. */
    CPU,
    /** One plain loop after the other: slow, and the reference for all others. */
    SCALAR,
    /** The Apple GPU. */
    METAL;

    /**
     * The choice a person typed, in any case.
     *
     * @throws IllegalArgumentException naming what can be chosen
     */
    public static BackendChoice parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "automatic", "auto" -> AUTOMATIC;
            case "cpu" -> CPU;
            case "scalar" -> SCALAR;
            case "metal" -> METAL;
            default ->
                throw new IllegalArgumentException(
                        "There is no backend named \"" + text + "\": choose cpu, scalar or metal.");
        };
    }
}
