package studio.atelier.engine.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** How many threads pay: two on one core share what one could use alone. */
public final class Cores {
    private static final Path LINUX = Path.of("/sys/devices/system/cpu");

    private Cores() {}

    /** Physical cores that this program may use; where the system does not tell, all processors. */
    public static int physical() {
        return physical(LINUX, Runtime.getRuntime().availableProcessors());
    }

    static int physical(Path processors, int available) {
        Set<String> cores = new HashSet<>();
        for (int cpu = 0; Files.isDirectory(processors.resolve("cpu" + cpu)); cpu++) {
            try {
                cores.add(Files.readString(processors.resolve("cpu" + cpu + "/topology/thread_siblings_list")));
            } catch (IOException e) {
                return available;
            }
        }
        return cores.isEmpty() ? available : Math.min(cores.size(), available);
    }
}
