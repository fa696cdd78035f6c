package studio.atelier.engine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException.Reason;

/**
 * An open model. Everything that belongs to it lives on one thread, {@code atelier-engine}: its sessions write their
 * tokens together there, with a chunk of one waiting prompt between two tokens. All methods may be called from any thread; whoever opened it closes it.
 */
public final class Engine implements AutoCloseable {
    private final EngineThread thread;
    private final LoadedModel model;
    private final Turns turns;
    private final Optional<Snapshots> snapshots;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private boolean closed;

    private Engine(EngineThread thread, LoadedModel model, EngineOptions options) {
        this.thread = thread;
        this.model = model;
        this.turns = new Turns(model.together(), options.sessionsTogether());
        this.snapshots = model.snapshots(options).map(store -> new Snapshots(store, thread));
    }

    /**
     * Opens a model's folder and returns when it can answer. Interrupting the calling thread gives up.
     *
     * @param progress told on the calling thread how much of the weights has been read
     * @throws EngineException when the folder holds no model that this machine can run: nothing is decoded before every
     *     file, tensor and size was checked; with reason CLOSED when the calling thread was interrupted
     */
    public static Engine open(Path folder, EngineOptions options, Consumer<LoadProgress> progress)
            throws EngineException {
        EngineThread thread = new EngineThread();
        try {
            LoadedModel model = thread.make(() -> LoadedModel.open(folder, options));
            Engine engine = new Engine(thread, model, options);
            try {
                model.bringIn(progress);
            } catch (EngineException | RuntimeException | Error e) {
                engine.close();
                throw e;
            }
            return engine;
        } catch (EngineException e) {
            thread.end(() -> {});
            throw e;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            thread.end(() -> {});
            throw new EngineException(Reason.INTERNAL, "The model in " + folder + " can't be opened: " + e + ".", e);
        }
    }

    /**
     * Checks a model's folder as {@link #open} does, every file, tensor and size, but for the tokenizer and this machine's
     * memory; nothing is decoded.
     *
     * @throws EngineException when it is no model that Atelier can run
     */
    public static void check(Path folder) throws EngineException {
        LoadedModel.check(folder);
    }

    /** What was opened. */
    public ModelInfo info() {
        return model.info();
    }

    /**
     * Says who is told when the GPU fails and the processor goes on with the same answer: once, on the engine thread, in a
     * sentence that says why.
     */
    public void whenProcessorTakesOver(Consumer<String> told) {
        model.whenProcessorTakesOver(told);
    }

    /** How the model's publisher would have tokens chosen; {@link Sampling#chat()} where the folder says nothing. */
    public Sampling recommendedSampling() {
        return model.recommendedSampling();
    }

    /** A new conversation with a KV cache of its own; whoever asked closes it. On a closed engine it only refuses. */
    public Session newSession() {
        Session session = new Session(this, model);
        sessions.add(session);
        return session;
    }

    /** Lets a session take its turns. Returns false when the engine is closed. */
    synchronized boolean begin(Runnable order) {
        if (closed) {
            return false;
        }
        thread.order(order);
        return true;
    }

    /** Called on the engine thread. */
    void takeTurns(Session session) {
        if (turns.add(session)) {
            thread.begin(turns::next);
        }
    }

    Optional<Snapshots> snapshots() {
        return snapshots;
    }

    private void keepAll(Snapshots kept) {
        thread.order(() -> sessions.forEach(Session::endAll));
        kept.end();
    }

    void forget(Session session) {
        sessions.remove(session);
    }

    /**
     * Ends running answers as cancelled, keeps conversations where that was asked for, and gives the memory back; returns
     * when that is done. Called from an event it returns at once, and what was not kept yet is not.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        sessions.forEach(Session::cancel);
        snapshots.ifPresent(thread.isCurrent() ? Snapshots::abandon : this::keepAll);
        thread.end(() -> {
            sessions.forEach(Session::endAll);
            sessions.clear();
            model.close();
        });
    }
}
