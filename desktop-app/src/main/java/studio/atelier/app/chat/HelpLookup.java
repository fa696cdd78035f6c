package studio.atelier.app.chat;

import java.io.IOException;
import java.util.Optional;
import studio.atelier.app.library.HelpPage;

/** The help pages: found for the model that comes with the program, read by the person. Both wait for the disk. */
public interface HelpLookup {
    /**
     * What the model is given to answer from.
     *
     * @param instruction the system message with the page in it
     * @param page what is named under the answer
     */
    record Found(String instruction, Optional<HelpPage> page) {}

    /**
     * Looks a question up.
     *
     * @return empty when the help pages say nothing about it
     */
    Optional<Found> find(String question) throws IOException;

    /** What stands on a page, in Markdown; empty when this version of the program has it no more. */
    Optional<String> read(HelpPage page) throws IOException;

    /** For a program without help pages. */
    static HelpLookup none() {
        return new HelpLookup() {
            @Override
            public Optional<Found> find(String question) {
                return Optional.empty();
            }

            @Override
            public Optional<String> read(HelpPage page) {
                return Optional.empty();
            }
        };
    }
}
