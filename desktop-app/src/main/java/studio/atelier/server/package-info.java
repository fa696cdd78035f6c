/**
 * The same engine behind the chat API that other programs speak, on this machine's own address: requests become
 * {@link studio.atelier.engine.GenerationRequest}s, events become server-sent events.
 */
@NullMarked
package studio.atelier.server;

import org.jspecify.annotations.NullMarked;
