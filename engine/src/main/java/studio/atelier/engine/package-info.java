/**
 * The whole public face of the inference engine: a model is opened as an {@link studio.atelier.engine.Engine}, a
 * conversation with it is a {@link studio.atelier.engine.Session}.
 */
@NullMarked
package studio.atelier.engine;

import org.jspecify.annotations.NullMarked;
