package studio.atelier.app.running;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.LoadProgress;

/**
 * The one model of the window: opens it beside the window, tells how far it is, closes it. Belongs to the FX thread;
 * the models are opened on threads of their own.
 */
public final class RunningModel implements AutoCloseable {
    private final ModelOpener opener;
    private final Supplier<CacheChoice> cache;
    private final Background background;
    private final FrameBatcher frames;
    private final ReadOnlyObjectWrapper<ModelState> state = new ReadOnlyObjectWrapper<>(new ModelState.None());
    private @Nullable OpenModel model;

    /** Counts what the person wanted; a thread that opens for an older wish gives up. Written by the FX thread. */
    private volatile long attempt;

    /**
     * Nothing is open yet.
     *
     * @param cache asked on the FX thread, whenever a model is opened, how it is to keep what it has read
     */
    public RunningModel(ModelOpener opener, Supplier<CacheChoice> cache, Background background, FrameBatcher frames) {
        this.opener = opener;
        this.cache = cache;
        this.background = background;
        this.frames = frames;
    }

    /** What the model is doing now. */
    public ReadOnlyObjectProperty<ModelState> stateProperty() {
        return state.getReadOnlyProperty();
    }

    /** The model, when it can answer. */
    public Optional<OpenModel> model() {
        return Optional.ofNullable(model);
    }

    /** Says who is told why the processor computes where the GPU was to; on the FX thread. */
    public void whenProcessorTakesOver(Consumer<String> told) {
        opener.whenProcessorTakesOver(reason -> frames.post(() -> told.accept(reason)));
    }

    /** Closes what is open and opens this folder. */
    public void open(Path folder) {
        OpenModel before = model;
        model = null;
        long mine = nextAttempt();
        CacheChoice chosen = cache.get();
        long started = System.nanoTime();
        state.set(new ModelState.Loading(folder, new LoadProgress(0, 0), started));
        background.atOnce(
                () -> {
                    // Two models may not fit into memory together: the old one goes first.
                    if (before != null) {
                        before.close();
                    }
                    return opener.open(folder, chosen, progress -> {
                        if (mine != attempt) {
                            Thread.currentThread().interrupt();
                        }
                        frames.post(() -> tell(mine, folder, progress, started));
                    });
                },
                opened -> take(mine, opened),
                failure -> refuse(mine, folder, failure));
    }

    /** Gives up on the folder that is being opened; nothing stays loaded. */
    public void cancelOpening() {
        if (state.get() instanceof ModelState.Loading) {
            nextAttempt();
            state.set(new ModelState.None());
        }
    }

    /** Ends running answers and gives the model's memory back. */
    public void unload() {
        OpenModel before = model;
        model = null;
        nextAttempt();
        state.set(new ModelState.None());
        if (before != null) {
            closeBeside(before);
        }
    }

    private long nextAttempt() {
        long next = attempt + 1;
        attempt = next;
        return next;
    }

    private void tell(long mine, Path folder, LoadProgress progress, long started) {
        if (mine == attempt && state.get() instanceof ModelState.Loading) {
            state.set(new ModelState.Loading(folder, progress, started));
        }
    }

    private void take(long mine, OpenModel opened) {
        if (mine != attempt) {
            closeBeside(opened);
            return;
        }
        model = opened;
        state.set(new ModelState.Open(opened.info()));
    }

    private void refuse(long mine, Path folder, Exception failure) {
        if (mine == attempt) {
            EngineException cause = failure instanceof EngineException known
                    ? known
                    : new EngineException(EngineException.Reason.INTERNAL, String.valueOf(failure), failure);
            state.set(new ModelState.Refused(folder, cause));
        }
    }

    private void closeBeside(OpenModel gone) {
        background.atOnce(
                () -> {
                    gone.close();
                    return gone;
                },
                _ -> {},
                _ -> {});
    }

    /** Closes the model and returns when it is closed: the program ends. */
    @Override
    public void close() {
        nextAttempt();
        if (model != null) {
            model.close();
            model = null;
        }
        state.set(new ModelState.None());
    }
}
