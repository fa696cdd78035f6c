/** That both languages say the same, and that no text is written past them. */
@NullMarked
package studio.atelier.app.i18n;

import org.jspecify.annotations.NullMarked;
