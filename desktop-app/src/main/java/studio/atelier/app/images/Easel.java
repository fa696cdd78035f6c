package studio.atelier.app.images;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.image.PictureEvent;
import studio.atelier.engine.image.PictureRequest;
import studio.atelier.engine.image.PictureTask;

/**
 * One picture while it is made: takes the engine's events on the engine's thread and hands them on a frame later, of
 * several progresses only the latest.
 */
final class Easel {
    private final FrameBatcher frames;
    private final Consumer<PictureEvent> told;
    private final AtomicReference<Optional<PictureEvent.Progress>> waiting = new AtomicReference<>(Optional.empty());
    private final PictureTask task;

    /** @param told every event, on the FX thread */
    Easel(PictureEngine engine, PictureRequest request, FrameBatcher frames, Consumer<PictureEvent> told) {
        this.frames = frames;
        this.told = told;
        this.task = engine.draw(request, this::accept);
    }

    void stop() {
        task.cancel();
    }

    private void accept(PictureEvent event) {
        if (!(event instanceof PictureEvent.Progress progress)) {
            frames.post(() -> told.accept(event));
            return;
        }
        Optional<PictureEvent.Progress> before = waiting.getAndUpdate(old -> Optional.of(
                progress.partial().isPresent()
                        ? progress
                        : new PictureEvent.Progress(progress.done(), old.flatMap(PictureEvent.Progress::partial))));
        if (before.isEmpty()) {
            frames.post(() -> waiting.getAndSet(Optional.empty()).ifPresent(told));
        }
    }
}
