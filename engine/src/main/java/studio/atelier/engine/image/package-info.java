/**
 * Pictures: open a model that makes them, ask for one, watch it appear; and pictures as values and as files.
 *
 * <p>With {@code studio.atelier.engine} this is the engine's public face.
 */
@NullMarked
package studio.atelier.engine.image;

import org.jspecify.annotations.NullMarked;
