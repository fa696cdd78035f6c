package studio.atelier.app.page;

import java.net.URI;
import studio.atelier.app.library.HelpPage;

/** What a person did on the page. */
public sealed interface PageEvent {
    /** A message, a code block or the selection is now in the clipboard. */
    record Copied(String text) implements PageEvent {}

    /** A person's message is to be written anew. */
    record Edit(long key) implements PageEvent {}

    /** An answer is to be given anew. */
    record AnswerAgain(long key) implements PageEvent {}

    /** A message is to be removed. */
    record Delete(long key) implements PageEvent {}

    /** A link of an answer was clicked: always {@code http}, {@code https} or {@code mailto}, opened outside the window. */
    record OpenLink(URI address) implements PageEvent {}

    /** The source line below an answer was clicked. */
    record OpenHelpPage(HelpPage page) implements PageEvent {}
}
