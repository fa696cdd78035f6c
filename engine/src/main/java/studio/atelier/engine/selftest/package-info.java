/** Whether a GPU computes what the processor computes: every kernel on several shapes, then a toy model's tokens. */
@NullMarked
package studio.atelier.engine.selftest;

import org.jspecify.annotations.NullMarked;
