/**
 * Jinja, the language of chat templates, as Jinja2 3.1 and Hugging Face transformers have it: lexer, parser, a tree walk,
 * and Python's values with its operators, methods and texts. Templates are untrusted: {@link
 * studio.atelier.engine.chat.jinja.Budget} bounds what one rendering may do.
 */
@NullMarked
package studio.atelier.engine.chat.jinja;

import org.jspecify.annotations.NullMarked;
