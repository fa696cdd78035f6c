package studio.atelier.engine;

import java.util.Locale;

/** Which processor the engine computes on. */
public enum BackendChoice {
    /** The fastest that this machine has. */
    AUTOMATIC,
    /** All cores; 4-bit weights are multiplied with activations of 8 bits. */
    CPU,
    /** As {@link #CPU} without emitted code: what a processor does that has no emitted kernels. */
    CPU_VECTOR,
    /** All cores, every number a float: slower, and within rounding of the reference. */
    CPU_FLOAT,
    /** One plain loop after the other: slow, and the reference for all others. */
    SCALAR,
    /** The Apple GPU; keys and values are kept as float16. */
    METAL,
    /** The Apple GPU, keys and values as floats: more memory, and within rounding of the reference. */
    METAL_FLOAT;

    /** The same processor, exact: for comparing logits. */
    BackendChoice exact() {
        return switch (this) {
            case AUTOMATIC, CPU, CPU_VECTOR, CPU_FLOAT -> CPU_FLOAT;
            case SCALAR -> SCALAR;
            case METAL, METAL_FLOAT -> METAL_FLOAT;
        };
    }

    /**
     * The choice a person typed, in any case.
     *
     * @throws IllegalArgumentException naming what can be chosen
     */
    public static BackendChoice parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "automatic", "auto" -> AUTOMATIC;
            case "cpu" -> CPU;
            case "cpu-vector" -> CPU_VECTOR;
            case "cpu-float" -> CPU_FLOAT;
            case "scalar" -> SCALAR;
            case "metal" -> METAL;
            case "metal-float" -> METAL_FLOAT;
            default ->
                throw new IllegalArgumentException("There is no backend named \"" + text
                        + "\": choose cpu, cpu-vector, cpu-float, scalar, metal or metal-float.");
        };
    }
}
