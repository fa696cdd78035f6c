package studio.atelier.engine;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.cache.StoppedException;
import studio.atelier.engine.generate.Generator;
import studio.atelier.engine.generate.Timeline;

/** One answer on its way: from the request to the last event. Belongs to the engine thread, but for {@link #cancel}. */
final class Answer {
    private static final Logger LOG = System.getLogger(Answer.class.getName());

    private final LoadedModel model;
    private final Optional<Snapshots> snapshots;
    private final GenerationRequest request;
    private final Consumer<GenerationEvent> sink;
    private volatile boolean cancelled;

    /** Whether the one who asked threw an exception at us: then nothing is told any more. */
    private boolean deaf;

    /** What exists from the first turn on. */
    private record Running(Generator generator, AnswerText text, AnswerClock clock) {}

    private @Nullable Running running;

    Answer(
            LoadedModel model,
            Optional<Snapshots> snapshots,
            GenerationRequest request,
            Consumer<GenerationEvent> sink) {
        this.model = model;
        this.snapshots = snapshots;
        this.request = request;
        this.sink = sink;
    }

    /** Ends the answer before its next piece, or before the next layer; any thread may ask. */
    void cancel() {
        cancelled = true;
    }

    /** Does the next piece. Returns whether more follow. */
    boolean next(Supplier<Timeline> timeline) {
        try {
            if (cancelled) {
                end();
                return false;
            }
            Running begun = running;
            if (begun == null) {
                begun = begin(timeline.get());
                running = begun;
            }
            return tell(begun, begun.generator.step());
        } catch (EngineException | RuntimeException | Error e) {
            return endBy(e);
        }
    }

    /** Whether its prompt is still being read, or was not begun. */
    boolean reads() {
        Running begun = running;
        return begun == null || begun.generator.reads();
    }

    /** As {@link Generator#awaited()}. */
    int awaited() {
        Running begun = running;
        return begun == null || cancelled ? -1 : begun.generator.awaited();
    }

    /** What was read and written; only after {@link #awaited()} asked for a token. */
    Timeline timeline() {
        return Objects.requireNonNull(running, "the answer was not begun")
                .generator
                .timeline();
    }

    /** Goes on after the awaited token was read together with others. Returns whether more follow. */
    boolean nextAfterReading() {
        try {
            Running begun = Objects.requireNonNull(running, "the answer was not begun");
            return tell(begun, begun.generator.stepAfterReading());
        } catch (RuntimeException | Error e) {
            return endBy(e);
        }
    }

    /** Ends it because of this. Returns that no more follows. */
    boolean endBy(Throwable cause) {
        if (cause instanceof StoppedException) {
            end();
            return false;
        }
        if (cause instanceof EngineException known) {
            return fail(known);
        }
        if (cause instanceof OutOfMemoryError) {
            return fail(new EngineException(
                    Reason.MEMORY_TOO_SMALL,
                    "The program's memory is full; begin a new conversation, or open the model with a smaller context.",
                    cause));
        }
        LOG.log(Level.ERROR, "an answer failed", cause);
        return fail(new EngineException(Reason.INTERNAL, "The engine failed: " + cause + "; try again.", cause));
    }

    private Running begin(Timeline timeline) throws EngineException {
        snapshots.ifPresent(kept -> kept.notNow(timeline));
        AnswerClock clock = new AnswerClock(timeline);
        timeline.stopWhen(() -> cancelled);
        Prompting.Ready prompt = model.prompting().ready(request.prompt());
        clock.begin(prompt.ids().length);
        snapshots.ifPresent(kept -> kept.restore(timeline, prompt.ids()));
        Generator generator = model.newGenerator(timeline, prompt.ids(), request);
        return new Running(
                generator, new AnswerText(model.tokenizer(), prompt, request.stopTexts(), this::tell), clock);
    }

    private boolean tell(Running begun, Generator.Step step) {
        model.tellTrouble();
        return switch (step) {
            case Generator.Step.Reading(int readTokens, int reusedTokens) -> {
                begun.clock.read(readTokens, reusedTokens);
                tell(new GenerationEvent.Reading(readTokens, begun.clock.promptTokens(), reusedTokens));
                yield true;
            }
            case Generator.Step.Token _ -> {
                begun.clock.wrote();
                begun.clock.drafted(begun.generator.draftedTokens(), begun.generator.acceptedTokens());
                boolean stopped = begun.text.write(begun.generator.written());
                tell(new GenerationEvent.Written(begun.clock.statistics()));
                yield !stopped || finish(begun, FinishReason.STOP);
            }
            case Generator.Step.End(Generator.Cause cause) ->
                finish(
                        begun,
                        switch (cause) {
                            case END_TOKEN -> FinishReason.STOP;
                            case MAX_TOKENS -> FinishReason.MAX_TOKENS;
                            case CONTEXT_FULL -> FinishReason.CONTEXT_FULL;
                        });
        };
    }

    /** Ends the answer where it is, as cancelled. */
    void end() {
        Running begun = running;
        if (begun == null) {
            int limit = model.info().contextLimit();
            tell(new GenerationEvent.Finished(FinishReason.CANCELLED, new Statistics(0, 0, 0, 0, 0, 0, 0, limit)));
            return;
        }
        try {
            finish(begun, FinishReason.CANCELLED);
        } catch (RuntimeException e) {
            fail(new EngineException(Reason.INTERNAL, "The engine failed: " + e + "; try again.", e));
        }
    }

    private boolean finish(Running begun, FinishReason reason) {
        begun.text.finish();
        tell(new GenerationEvent.Finished(reason, begun.clock.statistics()));
        return false;
    }

    private boolean fail(EngineException cause) {
        tell(new GenerationEvent.Failed(cause));
        return false;
    }

    private void tell(GenerationEvent event) {
        if (deaf) {
            return;
        }
        try {
            sink.accept(event);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "whoever asked failed to take " + event, e);
            deaf = true;
            cancelled = true;
        }
    }
}
