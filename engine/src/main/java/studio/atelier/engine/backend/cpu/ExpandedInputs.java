package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.Buffer;

/**
 * What latent attention in the expanded form works on, all heads.
 *
 * @param q {@code [L, H, Dn]}
 * @param qRope {@code [L, H, Dr]}
 * @param latents {@code [T, R]}
 * @param ropeKeys {@code [T, Dr]}
 * @param out receives {@code [L, H, Dv]}
 * @param positions L
 * @param ropeSize Dr
 */
record ExpandedInputs(
        float[] q, float[] qRope, Buffer latents, Buffer ropeKeys, float[] out, int positions, int ropeSize) {}
