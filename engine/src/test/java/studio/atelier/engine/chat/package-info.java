@NullMarked
package studio.atelier.engine.chat;

import org.jspecify.annotations.NullMarked;
