package studio.atelier.app.running;

import java.util.function.Consumer;
import studio.atelier.engine.GenerationEvent;

/** One conversation with an open model; it remembers what it read, so that the next turn reads only what is new. */
public interface Dialogue extends AutoCloseable {
    /** Starts an answer and returns at once; the events come on the engine's thread. */
    void answer(Question question, Consumer<GenerationEvent> sink);

    /** Ends the running answer within one token. */
    void cancel();

    /** Gives the memory back. */
    @Override
    void close();
}
