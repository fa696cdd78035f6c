package studio.atelier.engine.loading;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * The memory of a machine.
 *
 * @param totalBytes all of it; in a container what the container may use
 */
record Memory(long totalBytes) {
    static Memory ofThisMachine() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean machine) {
            return new Memory(machine.getTotalMemorySize());
        }
        return new Memory(Long.MAX_VALUE);
    }

    /** Refuses weights that can't lie in it: paging through a model for every token is no use to anyone. */
    void require(long weightBytes) throws EngineException {
        if (weightBytes > totalBytes) {
            throw new EngineException(
                    Reason.MEMORY_TOO_SMALL,
                    String.format(
                            Locale.ROOT,
                            "The model's weights take %.1f GB and this machine has %.1f GB of memory; choose a smaller"
                                    + " model or one with fewer bits.",
                            weightBytes / 1e9,
                            totalBytes / 1e9));
        }
    }
}
