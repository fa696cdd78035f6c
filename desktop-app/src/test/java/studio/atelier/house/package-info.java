/** The rules of the house, as tests: who may use whom, how sources are formatted, and that the checkers bite. */
@NullMarked
package studio.atelier.house;

import org.jspecify.annotations.NullMarked;
