/** What the studio ships beside its code: themes, texts, icons, page parts, help pages and the starter models. */
@NullMarked
package studio.atelier.assets;

import org.jspecify.annotations.NullMarked;
