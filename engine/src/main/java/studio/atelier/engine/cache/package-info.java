/** What a model remembers of the positions it has read. */
@NullMarked
package studio.atelier.engine.cache;

import org.jspecify.annotations.NullMarked;
