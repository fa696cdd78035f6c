package studio.atelier.engine.image;

import studio.atelier.engine.EngineException;

/** What a model tells while it looks at a picture: any number of {@link Text}, then exactly one of the others. */
public sealed interface DescriptionEvent {
    /** The next piece of the answer. */
    record Text(String text) implements DescriptionEvent {}

    /** The answer is complete, or was stopped. */
    record Finished(boolean cancelled) implements DescriptionEvent {}

    /** There is no answer, or not all of it. */
    record Failed(EngineException cause) implements DescriptionEvent {}
}
