/** Files of llama.cpp's format: what is in them, how their numbers are read, and how one becomes a folder. */
@NullMarked
package studio.atelier.models.gguf;

import org.jspecify.annotations.NullMarked;
