package studio.atelier.app.page;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A message as HTML, ready for the page.
 *
 * @param source what it was made from
 * @param about author, notes and actions, as the page takes them
 * @param thinking blocks of the folded part
 * @param text blocks of what was said
 */
record Rendered(PageMessage source, ObjectNode about, List<String> thinking, List<String> text) {
    Rendered {
        thinking = List.copyOf(thinking);
        text = List.copyOf(text);
    }

    boolean isOpen() {
        return source.isOpen();
    }

    /** Thinking ends where the answer begins. */
    boolean isThinking() {
        return isOpen() && text.isEmpty() && !thinking.isEmpty();
    }
}
