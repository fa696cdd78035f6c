/** Choosing a model: the picker in the window's header. */
@NullMarked
package studio.atelier.app.models;

import org.jspecify.annotations.NullMarked;
