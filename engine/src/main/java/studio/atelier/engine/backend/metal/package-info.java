/**
 * Computes on the Apple GPU. A pass is recorded as a graph, joined into few dispatches ({@link
 * studio.atelier.engine.backend.metal.Planner}), and encoded when numbers are asked for. The kernels lie beside, as
 * Metal source that the user's own macOS compiles.
 *
 * <p>Passes in simulation; no Mac has run it yet.
 */
@NullMarked
package studio.atelier.engine.backend.metal;

import org.jspecify.annotations.NullMarked;
