/** Measures models on this machine: speed, bytes read, time of each kind of operation. */
@NullMarked
package studio.atelier.engine.bench;

import org.jspecify.annotations.NullMarked;
