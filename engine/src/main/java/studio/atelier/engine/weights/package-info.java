/** A model's files: tensors by name, memory-mapped and checked, and the JSON beside them. Reading and writing. */
@NullMarked
package studio.atelier.engine.weights;

import org.jspecify.annotations.NullMarked;
