@NullMarked
package studio.atelier.engine.bench;

import org.jspecify.annotations.NullMarked;
