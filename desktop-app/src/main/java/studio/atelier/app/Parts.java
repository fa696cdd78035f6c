package studio.atelier.app;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.library.Archive;
import studio.atelier.app.running.ModelOpener;

/**
 * What the window stands on and tests replace.
 *
 * @param dataFolder where the person's things are kept
 * @param archive closed by whoever made it
 * @param included the folder of the model that comes with the program, if it does
 */
public record Parts(
        Path dataFolder, Archive archive, ModelOpener opener, HelpLookup help, Optional<Path> included, Clock clock) {}
