@NullMarked
package studio.atelier.engine.quantize;

import org.jspecify.annotations.NullMarked;
