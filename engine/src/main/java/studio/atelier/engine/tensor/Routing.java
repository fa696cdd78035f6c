package studio.atelier.engine.tensor;

/** Which experts each position goes to and with what share; its maker, a {@link Backend}, knows how it lies in memory. */
public interface Routing {
    /** Experts per position. */
    int chosen();

    /** Copies out the experts {@code [L, chosen]}, the best first. */
    int[] experts();

    /** Copies out their shares {@code [L, chosen]}. */
    float[] shares();
}
