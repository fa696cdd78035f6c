@NullMarked
package studio.atelier.engine.weights;

import org.jspecify.annotations.NullMarked;
