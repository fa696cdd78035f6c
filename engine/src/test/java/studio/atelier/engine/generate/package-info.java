@NullMarked
package studio.atelier.engine.generate;

import org.jspecify.annotations.NullMarked;
