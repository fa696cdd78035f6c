/**
 * Apple's Objective-C runtime and Metal through {@code java.lang.foreign}: one typed method per selector, nothing else.
 * Everything here belongs to the thread that calls; objects are released by whoever made them.
 */
@NullMarked
package studio.atelier.engine.backend.ffi;

import org.jspecify.annotations.NullMarked;
