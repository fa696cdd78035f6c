/**
 * Text to token ids and back, as a model's {@code tokenizer.json} says. Everything here is read once, immutable and
 * safe to use from several threads, except {@link studio.atelier.engine.tokenizer.StreamingDecoder}.
 */
@NullMarked
package studio.atelier.engine.tokenizer;

import org.jspecify.annotations.NullMarked;
