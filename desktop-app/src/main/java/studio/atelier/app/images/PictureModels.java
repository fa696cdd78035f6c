package studio.atelier.app.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.PictureEngine;

/** Where models of pictures come from. Calls may take as long as a disk does. */
public interface PictureModels {
    /**
     * A model that can be chosen.
     *
     * @param folder by which it is known
     * @param name for people
     * @param included whether it came with the program
     */
    record Choice(Path folder, String name, boolean included) {}

    /** What is on this machine, the one that came with the program first. */
    List<Choice> known() throws IOException;

    /** A folder that a person chose, under the name that people know it by. */
    Choice in(Path folder);

    /** Opens one; the caller closes it. */
    PictureEngine open(Choice choice) throws EngineException;
}
