@NullMarked
package studio.atelier.models.gguf;

import org.jspecify.annotations.NullMarked;
