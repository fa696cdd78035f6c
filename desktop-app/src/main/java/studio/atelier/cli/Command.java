package studio.atelier.cli;

import java.io.IOException;
import java.util.List;
import studio.atelier.engine.EngineException;

/** Something that the program does in the terminal. */
interface Command {
    /** The word it is called by. */
    String name();

    /** What stands behind the name in a call, such as {@code FOLDER --tokens 1,2,3}; empty when nothing does. */
    String usage();

    /** What it does, in one line. */
    String summary();

    /** What a person should know beyond the summary and the options; may be empty. */
    default String details() {
        return "";
    }

    List<Option> options();

    /** Most arguments that are no options. */
    int mostArguments();

    /**
     * Does it. What it gives goes to {@link Terminal#out}, everything else a person should see to {@link Terminal#err}.
     *
     * @return the exit code
     * @throws UsageException when it was called in a way that makes no sense
     * @throws IOException with one sentence, or the system's own words about a file
     */
    int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException;
}
