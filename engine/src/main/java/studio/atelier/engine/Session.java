package studio.atelier.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.generate.Timeline;

/**
 * A conversation with an open model: it remembers what it read and wrote, so that the next request reads only what is
 * new. All methods may be called from any thread and return at once; whoever asked for it closes it.
 */
public final class Session implements AutoCloseable {
    private final Engine engine;
    private final LoadedModel model;
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    // Touched by the engine thread alone.
    private @Nullable Timeline timeline;
    private boolean takesTurns;

    Session(Engine engine, LoadedModel model) {
        this.engine = engine;
        this.model = model;
    }

    /**
     * Asks for an answer; it begins when those asked for before on this session have ended.
     *
     * @param sink told every {@link GenerationEvent} on the engine thread, and therefore quick; exactly one
     *     {@link GenerationEvent.Finished} or {@link GenerationEvent.Failed} comes last. On a closed session that is a
     *     failure with reason CLOSED, on the calling thread
     */
    public void generate(GenerationRequest request, Consumer<GenerationEvent> sink) {
        Answer answer = new Answer(model, request, sink);
        answers.add(answer);
        boolean refused = closed || !engine.begin(this::takeTurns);
        if (refused && answers.remove(answer)) {
            sink.accept(new GenerationEvent.Failed(new EngineException(
                    Reason.CLOSED, "The model was unloaded before it could answer; load it again.")));
        }
    }

    private void takeTurns() {
        if (!takesTurns) {
            takesTurns = true;
            engine.takeTurns(this);
        }
    }

    /** The answer that is being given now; on the engine thread. */
    @Nullable
    Answer current() {
        return answers.peek();
    }

    /** Does the next piece of the first answer; on the engine thread. Returns whether there is more to do. */
    boolean next() {
        Answer answer = answers.peek();
        return goesOn(answer, answer != null && answer.next(this::timeline));
    }

    /** An answer did a piece, and has more to do or not. Returns whether this session has. */
    boolean goesOn(@Nullable Answer answer, boolean more) {
        if (answer != null && !more) {
            answers.remove(answer);
        }
        takesTurns = !answers.isEmpty();
        return takesTurns;
    }

    private Timeline timeline() {
        Timeline made = timeline;
        if (made == null) {
            made = model.newTimeline();
            timeline = made;
        }
        return made;
    }

    /** Ends the answers asked for so far within one token; what they said stands. */
    public void cancel() {
        answers.forEach(Answer::cancel);
    }

    /** Ends what is left as cancelled; on the engine thread, which then ends. */
    void endAll() {
        for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
            answer.end();
        }
        timeline = null;
    }

    /** Cancels what runs and gives the KV cache back. */
    @Override
    public void close() {
        closed = true;
        cancel();
        engine.begin(() -> {
            endAll();
            engine.forget(this);
        });
    }
}
