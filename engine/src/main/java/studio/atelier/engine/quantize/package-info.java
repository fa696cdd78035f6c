/** Makes weights smaller: MLX's quantization formats, and the way from a published checkpoint to an MLX folder. */
@NullMarked
package studio.atelier.engine.quantize;

import org.jspecify.annotations.NullMarked;
