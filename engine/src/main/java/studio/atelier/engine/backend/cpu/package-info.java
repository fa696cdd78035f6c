/**
 * Computes on the processor: {@link studio.atelier.engine.backend.cpu.ScalarKernels} as the reference, {@link
 * studio.atelier.engine.backend.cpu.VectorKernels} with vector instructions, both under one {@link
 * studio.atelier.engine.backend.cpu.CpuBackend}.
 */
@NullMarked
package studio.atelier.engine.backend.cpu;

import org.jspecify.annotations.NullMarked;
