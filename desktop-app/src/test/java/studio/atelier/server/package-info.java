/** The chat API over real sockets, with a real engine and a tiny model. */
@NullMarked
package studio.atelier.server;

import org.jspecify.annotations.NullMarked;
