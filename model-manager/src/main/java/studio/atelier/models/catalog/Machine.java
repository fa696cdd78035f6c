package studio.atelier.models.catalog;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * What a model may use of a machine.
 *
 * @param memoryBytes all of it
 * @param limitBytes what a model gets without the person doing anything
 * @param raisedLimitBytes what it gets when the person raises the limit
 * @param bandwidth of the memory, in bytes per second
 */
public record Machine(long memoryBytes, long limitBytes, long raisedLimitBytes, Figure bandwidth) {
    private static final long RESERVED_BYTES = 2L << 30;

    /** Two channels of common memory, all that a program can tell about without measuring. */
    private static final double USUAL_BANDWIDTH = 40e9;

    /** This one. */
    public static Machine ofThisMachine() {
        long memory = Runtime.getRuntime().maxMemory();
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean machine) {
            memory = machine.getTotalMemorySize();
        }
        boolean mac = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac");
        return of(memory, mac);
    }

    /** By its memory; Macs keep a quarter of it from the graphics processor unless told otherwise. */
    public static Machine of(long memoryBytes, boolean mac) {
        long most = Math.max(memoryBytes / 2, memoryBytes - Math.max(RESERVED_BYTES, memoryBytes / 8));
        long limit = mac ? memoryBytes / 4 * 3 : most;
        return new Machine(memoryBytes, Math.min(limit, most), most, Figure.estimated(USUAL_BANDWIDTH));
    }

    /** The same with a bandwidth that somebody knows or measured. */
    public Machine with(Figure newBandwidth) {
        return new Machine(memoryBytes, limitBytes, raisedLimitBytes, newBandwidth);
    }
}
