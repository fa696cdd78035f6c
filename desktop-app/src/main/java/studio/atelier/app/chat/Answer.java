package studio.atelier.app.chat;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.HelpPage;
import studio.atelier.app.library.Library;
import studio.atelier.app.library.Message;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.Statistics;

/**
 * One answer while it is being written: takes the engine's events on the engine's thread, and a frame later, on the FX
 * thread, shows them and writes them down at least every second.
 */
final class Answer {
    private static final long SAVED_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    private final Conversation conversation;
    private final Library library;
    private final FrameBatcher frames;
    private final Consumer<Answer> changed;
    private final Queue<GenerationEvent> arrived = new ArrayDeque<>();
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final long startedNanos = System.nanoTime();
    private long thinkingStartedNanos;
    private Message message;
    private ChatState state = new ChatState.Reading(0, 0, 0, startedNanos);
    private long savedNanos = startedNanos;
    private Optional<Statistics> statistics = Optional.empty();
    private @Nullable EngineException failure;
    private boolean ended;

    /** @param changed told once per frame in which something changed */
    Answer(Conversation conversation, Message begun, Library library, FrameBatcher frames, Consumer<Answer> changed) {
        this.conversation = conversation;
        this.message = begun;
        this.library = library;
        this.frames = frames;
        this.changed = changed;
    }

    /** Takes an event from any thread. */
    void accept(GenerationEvent event) {
        synchronized (arrived) {
            arrived.add(event);
            if (arrived.size() > 1) {
                return;
            }
        }
        frames.post(this::applyArrived);
    }

    /** Names the help page that the answer is given from. */
    void from(HelpPage page) {
        message = message.from(page);
        library.show(conversation, message);
    }

    /** Ends it where it is: the model was closed in the meantime, or the program ends. */
    void giveUp() {
        synchronized (arrived) {
            arrived.forEach(this::apply);
            arrived.clear();
        }
        if (!ended) {
            end(Message.End.STOPPED);
        }
        showAndSave();
        changed.accept(this);
    }

    Conversation conversation() {
        return conversation;
    }

    ChatState state() {
        return state;
    }

    boolean hasEnded() {
        return ended;
    }

    Optional<Statistics> statistics() {
        return statistics;
    }

    Optional<EngineException> failure() {
        return Optional.ofNullable(failure);
    }

    private void applyArrived() {
        if (ended) {
            return;
        }
        while (true) {
            GenerationEvent event;
            synchronized (arrived) {
                event = arrived.poll();
            }
            if (event == null) {
                break;
            }
            apply(event);
        }
        showAndSave();
        changed.accept(this);
    }

    private void apply(GenerationEvent event) {
        switch (event) {
            case GenerationEvent.Reading reading ->
                state = new ChatState.Reading(
                        reading.readTokens(), reading.promptTokens(), reading.reusedTokens(), startedNanos);
            case GenerationEvent.Text piece -> {
                timeThinking();
                text.append(piece.text());
            }
            case GenerationEvent.Reasoning piece -> think(piece.text());
            // The window offers no tools yet, so a call is shown as what the model wrote.
            case GenerationEvent.ToolCall call ->
                text.append("\n```json\n")
                        .append(call.name())
                        .append(' ')
                        .append(call.argumentsJson())
                        .append("\n```\n");
            case GenerationEvent.Written written -> {
                statistics = Optional.of(written.statistics());
                state = new ChatState.Writing(written.statistics(), startedNanos);
            }
            case GenerationEvent.Finished finished -> {
                statistics = Optional.of(finished.statistics());
                end(endOf(finished.reason()));
            }
            case GenerationEvent.Failed failed -> {
                failure = failed.cause();
                end(Message.End.STOPPED);
            }
        }
    }

    private void think(String piece) {
        if (reasoning.isEmpty()) {
            thinkingStartedNanos = System.nanoTime();
        }
        reasoning.append(piece);
        timeThinking();
    }

    /** The time stands still with the first word of the answer. */
    private void timeThinking() {
        if (!reasoning.isEmpty() && text.isEmpty()) {
            long nanos = System.nanoTime() - thinkingStartedNanos;
            message = message.thoughtFor((int) TimeUnit.NANOSECONDS.toSeconds(nanos));
        }
    }

    private void end(Message.End reason) {
        message = message.written(text.toString(), reasoning.toString()).ended(reason, statistics);
        ended = true;
    }

    private void showAndSave() {
        if (!ended) {
            message = message.written(text.toString(), reasoning.toString());
        }
        long now = System.nanoTime();
        if (ended || now - savedNanos > SAVED_EVERY_NANOS) {
            savedNanos = now;
            library.keep(conversation, message);
        } else {
            library.show(conversation, message);
        }
    }

    private static Message.End endOf(GenerationEvent.FinishReason reason) {
        return switch (reason) {
            case STOP -> Message.End.COMPLETE;
            case MAX_TOKENS, CONTEXT_FULL -> Message.End.CUT_OFF;
            case CANCELLED -> Message.End.STOPPED;
        };
    }
}
