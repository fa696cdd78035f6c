package studio.atelier.engine.image;

/** A picture that was asked for. May be used from any thread. */
public final class PictureTask {
    private volatile boolean cancelled;

    PictureTask() {}

    /** Stops the work within one step; the last event then holds what there was. */
    public void cancel() {
        cancelled = true;
    }

    boolean cancelled() {
        return cancelled;
    }
}
