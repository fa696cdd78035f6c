/** What a token costs on a GPU, counted from the plan of its dispatches: without GPU and without weights. */
@NullMarked
package studio.atelier.engine.plan;

import org.jspecify.annotations.NullMarked;
