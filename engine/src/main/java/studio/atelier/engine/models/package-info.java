/** The architectures, one file for each {@code model_type}, to be read beside their papers. */
@NullMarked
package studio.atelier.engine.models;

import org.jspecify.annotations.NullMarked;
