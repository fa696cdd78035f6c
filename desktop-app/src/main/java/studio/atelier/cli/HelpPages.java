package studio.atelier.cli;

import java.io.IOException;
import java.util.Optional;
import studio.atelier.assets.Assets;
import studio.atelier.models.help.HelpHit;
import studio.atelier.models.help.HelpSearch;

/** Atelier's help pages, from which the model that comes with it answers. */
record HelpPages(HelpSearch search) {
    /** Empty when this build has none. */
    static Optional<HelpPages> open() throws IOException {
        return Assets.has("help/en/about.md") ? Optional.of(new HelpPages(HelpSearch.open())) : Optional.empty();
    }

    Optional<HelpHit> about(String question) {
        return search.find(question);
    }
}
