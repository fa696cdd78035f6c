package studio.atelier.engine.nn;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Tensor;

/**
 * A model of pictures as a list of named steps, each in a pass of its own: a large picture's intermediate results would
 * not fit into memory together.
 */
public record Stages(Backend backend, List<Stage> stages) {
    /** One step. */
    public record Stage(String name, UnaryOperator<Tensor> work) {}

    /** Told what each step made; it may throw to stop the work. */
    @FunctionalInterface
    public interface Watcher {
        /** For who wants nothing. */
        Watcher NONE = (_, _) -> {};

        void reached(String name, Tensor result);
    }

    public Stages {
        stages = List.copyOf(stages);
    }

    /** Runs all; the result lasts. */
    public Tensor run(Tensor input, Watcher watcher) {
        Tensor x = input;
        for (Stage stage : stages) {
            Tensor before = x;
            x = once(backend, () -> stage.work().apply(before));
            watcher.reached(stage.name(), x);
        }
        return x;
    }

    /** One piece of work in a pass of its own; the result lasts. */
    public static Tensor once(Backend backend, Supplier<Tensor> work) {
        try (Pass _ = backend.beginPass()) {
            Tensor made = work.get();
            Tensor kept = backend.allocateLasting(made.shape());
            backend.store(made, kept, 0);
            return kept;
        }
    }
}
