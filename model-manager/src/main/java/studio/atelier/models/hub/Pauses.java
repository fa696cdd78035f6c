package studio.atelier.models.hub;

import java.time.Duration;

/** How a waiting thread waits. Tests wait without the time passing. */
@FunctionalInterface
public interface Pauses {
    /** Really waits. */
    Pauses REAL = Thread::sleep;

    void pause(Duration duration) throws InterruptedException;
}
