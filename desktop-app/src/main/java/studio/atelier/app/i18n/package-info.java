/** The window's words, in English and Simplified Chinese, and how it writes numbers. */
@NullMarked
package studio.atelier.app.i18n;

import org.jspecify.annotations.NullMarked;
