/**
 * Machine code written at run time: an assembler for the instructions that the inner loops need, memory that is first
 * writable and then executable, and one class per family of kernels that says what it computes and emits it.
 */
@NullMarked
package studio.atelier.engine.backend.cpu.emit;

import org.jspecify.annotations.NullMarked;
