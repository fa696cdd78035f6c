package studio.atelier.app;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.library.HelpPage;
import studio.atelier.assets.Assets;
import studio.atelier.models.help.HelpHit;
import studio.atelier.models.help.HelpLanguage;
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

    @Override
    public Optional<String> read(HelpPage page) throws IOException {
        if (!isIncluded()) {
            return Optional.empty();
        }
        HelpSearch pages = search();
        // A section has the same name in both languages; its title tells in which one it was found.
        return Arrays.stream(HelpLanguage.values())
                .flatMap(language -> pages.sections(language).stream())
                .filter(section -> section.id().equals(page.name()))
                .max(Comparator.comparing(section -> section.title().equals(page.title())))
                .map(HelpSection::text);
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
        Optional<HelpPage> page =
                section.isSmallTalk() ? Optional.empty() : Optional.of(new HelpPage(section.id(), section.title()));
        return new Found(hit.instruction(), page);
    }
}
