package studio.atelier.engine.image;

import java.util.function.DoubleSupplier;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.Tensor;

/** Felt between the pieces of a long step: tells how far it is, and stops it when the person wants so. */
final class Pulse implements Stages.Watcher {
    /** The person wants no more; thrown once, so that what there is can still be finished. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped", null, false, false);
        }
    }

    /** Told how much is done, 0 to 1. */
    @FunctionalInterface
    interface Listener {
        void progress(double done);
    }

    private final PictureTask task;
    private final Listener listener;
    private DoubleSupplier done = () -> 0;
    private boolean stopped;

    Pulse(PictureTask task, Listener listener) {
        this.task = task;
        this.listener = listener;
    }

    void follow(DoubleSupplier source) {
        done = source;
    }

    /** From now on nothing is stopped any more: what there is by now is brought into a form that can be seen. */
    void rest() {
        stopped = true;
    }

    @Override
    public void reached(String name, Tensor result) {
        beat();
    }

    /** One piece was done. */
    void beat() {
        if (stopped) {
            return;
        }
        if (task.cancelled()) {
            stopped = true;
            throw new Stopped();
        }
        listener.progress(done.getAsDouble());
    }
}
