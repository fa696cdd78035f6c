package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The team of threads: every item once, nobody works twice at a time, sleep when nothing is asked. */
final class CpuThreadsTest {
    @TempDir
    Path folder;

    @Test
    void doesEveryItemOnce() {
        try (CpuThreads threads = new CpuThreads(4)) {
            AtomicIntegerArray busy = new AtomicIntegerArray(4);
            for (int round = 0; round < 3000; round++) {
                int items = 1 + round % 97;
                AtomicIntegerArray done = new AtomicIntegerArray(items);
                threads.share(items, 1 + round % 5, (from, to, worker) -> {
                    assertEquals(0, busy.getAndIncrement(worker));
                    for (int i = from; i < to; i++) {
                        done.incrementAndGet(i);
                    }
                    busy.decrementAndGet(worker);
                });
                for (int i = 0; i < items; i++) {
                    assertEquals(1, done.get(i), "round " + round + ", item " + i);
                }
            }
        }
    }

    @Test
    void tellsWhatAWorkerThrew() {
        try (CpuThreads threads = new CpuThreads(2)) {
            IllegalStateException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> threads.share(64, 1, (from, to, worker) -> {
                        if (from == 40) {
                            throw new IllegalArgumentException("forty");
                        }
                    }));
            assertEquals("forty", thrown.getCause().getMessage());
            int[] sum = new int[2];
            threads.share(64, 1, (from, to, worker) -> sum[worker] += to - from);
            assertEquals(64, sum[0] + sum[1]);
        }
    }

    @Test
    void sleepsWhenNothingIsAsked() throws InterruptedException {
        try (CpuThreads threads = new CpuThreads(3)) {
            threads.share(64, 1, (from, to, worker) -> {});
            List<Thread> helpers = List.of();
            for (int tries = 0; tries < 200; tries++) {
                helpers = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("atelier-cpu-") && thread.isAlive())
                        .filter(thread -> thread.getState() != Thread.State.WAITING)
                        .toList();
                if (helpers.isEmpty()) {
                    break;
                }
                Thread.sleep(50);
            }
            assertTrue(helpers.isEmpty(), () -> "still awake");
        }
    }

    @Test
    void countsCoresNotThreads() throws Exception {
        for (int cpu = 0; cpu < 8; cpu++) {
            Path topology = Files.createDirectories(folder.resolve("cpu" + cpu + "/topology"));
            Files.writeString(topology.resolve("thread_siblings_list"), cpu % 4 + "," + (cpu % 4 + 4) + "\n");
        }
        assertEquals(4, Cores.physical(folder, 8));
        assertEquals(3, Cores.physical(folder, 3));
        assertEquals(6, Cores.physical(folder.resolve("none"), 6));
    }
}
