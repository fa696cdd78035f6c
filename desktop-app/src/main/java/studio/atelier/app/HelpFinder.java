package studio.atelier.app;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.library.HelpPage;
import studio.atelier.assets.Assets;
import studio.atelier.models.help.HelpHit;
import studio.atelier.models.help.HelpSearch;
import studio.atelier.models.help.HelpSection;

/** Looks questions up in the program's help pages, which are read when the first one comes. */
final class HelpFinder implements HelpLookup {
    private @Nullable HelpSearch search;

    /** Whether this build has help pages. */
    private static boolean isIncluded() {
        return Assets.has("help/en/about.md");
    }

    @Override
    public Optional<Found> find(String question) throws IOException {
        return isIncluded() ? search().find(question).map(HelpFinder::found) : Optional.empty();
    }

    private synchronized HelpSearch search() throws IOException {
        HelpSearch open = search;
        if (open == null) {
            open = HelpSearch.open();
            search = open;
        }
        return open;
    }

    private static Found found(HelpHit hit) {
        HelpSection section = hit.section();
        Optional<HelpPage> page = section.isSmallTalk()
                ? Optional.empty()
                : Optional.of(new HelpPage(section.id(), section.title()));
        return new Found(hit.instruction(), page);
    }
}
