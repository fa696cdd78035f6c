package studio.atelier.engine.generate;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import studio.atelier.engine.models.CausalModel;

/**
 * Counts what tokens leave on the heap, of all threads of an engine: this one, which stands for the engine's, and the
 * backend's helpers. Made when the backend is there.
 */
final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long[] threads;

    AllocatedBytes() {
        Thread here = Thread.currentThread();
        threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread == here || thread.getName().startsWith("atelier-cpu-"))
                .mapToLong(Thread::threadId)
                .toArray();
    }

    /** Bytes so far. Asking takes no memory itself. */
    long now() {
        long sum = 0;
        for (long thread : threads) {
            sum += THREADS.getThreadAllocatedBytes(thread);
        }
        return sum;
    }

    /** Bytes that this many tokens of an answer take. */
    long of(Generator generator, int tokens) {
        long before = now();
        write(generator, tokens);
        return now() - before;
    }

    static void write(Generator generator, int tokens) {
        int written = 0;
        while (written < tokens) {
            written += generator.step() instanceof Generator.Step.Token ? 1 : 0;
        }
    }

    /** An answer that ends nowhere before, to a prompt that begins with this token. */
    static Generator answer(Timeline timeline, CausalModel model, int first, int tokens) {
        TokenChoice choice = new TokenChoice(0.9, 0, 0.95, 0, 1, 0);
        Sampler sampler = new Sampler(choice, model.vocabularySize(), 3);
        return new Generator(timeline, new int[] {first, 9, 77, 31, 4}, sampler, Set.of(), tokens);
    }
}
