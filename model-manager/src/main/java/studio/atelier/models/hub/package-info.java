/** What is on a model hub: search, a repository's files at one commit, and the bytes of a range of a file. */
@NullMarked
package studio.atelier.models.hub;

import org.jspecify.annotations.NullMarked;
