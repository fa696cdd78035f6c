/** From a prompt to an answer, one step at a time: prefill, decode, sampling, stopping. */
@NullMarked
package studio.atelier.engine.generate;

import org.jspecify.annotations.NullMarked;
