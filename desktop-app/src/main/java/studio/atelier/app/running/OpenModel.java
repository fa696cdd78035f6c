package studio.atelier.app.running;

import studio.atelier.engine.ModelInfo;

/** A model in memory, ready to answer. The window sees the engine through this, and tests put a script in its place. */
public interface OpenModel extends AutoCloseable {
    ModelInfo info();

    /** A new dialogue with a KV cache of its own; whoever asked closes it. */
    Dialogue newDialogue();

    /** Ends running answers and gives the memory back. */
    @Override
    void close();
}
