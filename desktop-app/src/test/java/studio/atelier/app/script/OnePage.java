package studio.atelier.app.script;

import java.util.Optional;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.library.HelpPage;

/** Help of a single page, which every question is about. */
public record OnePage(String name, String title) implements HelpLookup {
    @Override
    public Optional<Found> find(String question) {
        return Optional.of(new Found("Answer from this page: " + question, Optional.of(new HelpPage(name, title))));
    }

    @Override
    public Optional<String> read(HelpPage page) {
        return page.name().equals(name)
                ? Optional.of("Choose **Open model folder…** in the File menu.")
                : Optional.empty();
    }
}
