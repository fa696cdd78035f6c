/** What architectures are made of: linear layers, norms, attention, experts. */
@NullMarked
package studio.atelier.engine.nn;

import org.jspecify.annotations.NullMarked;
