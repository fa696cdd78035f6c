/** Models on this machine and on hubs: the one place that puts the rooms of this module together. */
@NullMarked
package studio.atelier.models;

import org.jspecify.annotations.NullMarked;
