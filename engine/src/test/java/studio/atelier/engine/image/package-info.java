@NullMarked
package studio.atelier.engine.image;

import org.jspecify.annotations.NullMarked;
