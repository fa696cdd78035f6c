/** One window for each data folder: programs started later tell the first one what they were asked for. */
@NullMarked
package studio.atelier.app.instance;

import org.jspecify.annotations.NullMarked;
