package studio.atelier.engine.cache;

/** Whoever wanted these positions no longer does; what the cache held before them stands. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("nobody wants these positions any more", null, false, false);
    }
}
