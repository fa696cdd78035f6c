package studio.atelier.engine;

/** How what a session has read is kept. */
public enum CacheChoice {
    /** As the processor computes best: in bfloat16, or as floats where all numbers are. */
    AUTOMATIC,
    /** In 8 bits, about half as much memory as bfloat16: a little less exact, and slower at long contexts. CPU only. */
    EIGHT_BIT;

    /**
     * The choice a person typed.
     *
     * @throws IllegalArgumentException naming what can be chosen
     */
    public static CacheChoice parse(String text) {
        return switch (text) {
            case "automatic", "auto" -> AUTOMATIC;
            case "8bit" -> EIGHT_BIT;
            default ->
                throw new IllegalArgumentException(
                        "There is no cache of the kind \"" + text + "\": choose automatic or 8bit.");
        };
    }
}
