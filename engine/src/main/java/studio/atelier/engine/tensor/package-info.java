/** Tensors, weights and the backend's vocabulary: the words that everything above computes with. */
@NullMarked
package studio.atelier.engine.tensor;

import org.jspecify.annotations.NullMarked;
