package studio.atelier.app;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.images.PictureModels;
import studio.atelier.app.library.Archive;
import studio.atelier.app.running.ModelOpener;

/**
 * What the window stands on and tests replace.
 *
 * @param dataFolder where the person's things are kept
 * @param archive closed by whoever made it
 * @param included the folder of the model that comes with the program, if it does
 * @param pictures where models of pictures come from
 */
public record Parts(
        Path dataFolder,
        Archive archive,
        ModelOpener opener,
        HelpLookup help,
        Optional<Path> included,
        PictureModels pictures,
        Clock clock) {
    /** With no model of pictures but those that a person opens. */
    public Parts(
            Path dataFolder,
            Archive archive,
            ModelOpener opener,
            HelpLookup help,
            Optional<Path> included,
            Clock clock) {
        this(dataFolder, archive, opener, help, included, new PictureModelFolders(dataFolder, List::of), clock);
    }
}
