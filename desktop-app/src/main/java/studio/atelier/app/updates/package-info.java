/** Whether there is a newer version: asked only of the address in the settings, and only when a person wants it. */
@NullMarked
package studio.atelier.app.updates;

import org.jspecify.annotations.NullMarked;
