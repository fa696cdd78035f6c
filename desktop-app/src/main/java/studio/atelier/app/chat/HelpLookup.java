package studio.atelier.app.chat;

import java.io.IOException;
import java.util.Optional;
import studio.atelier.app.library.HelpPage;

/** Finds the help page that a question is about, for the model that comes with the program. */
@FunctionalInterface
public interface HelpLookup {
    /**
     * What the model is given to answer from.
     *
     * @param instruction the system message with the page in it
     * @param page what is named under the answer
     */
    record Found(String instruction, Optional<HelpPage> page) {}

    /**
     * Looks a question up; waits for the disk.
     *
     * @return empty when the help pages say nothing about it
     */
    Optional<Found> find(String question) throws IOException;
}
