package studio.atelier.server;

import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.Statistics;

/**
 * An answer that ended, for whoever watches the server; nothing of what was said is in it.
 *
 * @param model what the client called it
 * @param reason why it ended; CANCELLED when the client went away
 */
public record Served(String model, FinishReason reason, Statistics statistics) {}
