/** The only way from other threads into the window: work beside it, and frames that batch what comes back. */
@NullMarked
package studio.atelier.app.concurrent;

import org.jspecify.annotations.NullMarked;
