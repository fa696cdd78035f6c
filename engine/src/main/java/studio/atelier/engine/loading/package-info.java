/** From a folder to a model that can compute: everything is checked here, before anything is decoded. */
@NullMarked
package studio.atelier.engine.loading;

import org.jspecify.annotations.NullMarked;
