@NullMarked
package studio.atelier.engine.tokenizer;

import org.jspecify.annotations.NullMarked;
