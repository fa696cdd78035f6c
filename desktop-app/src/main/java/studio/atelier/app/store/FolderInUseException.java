package studio.atelier.app.store;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/** Another running Atelier holds the folder. */
public final class FolderInUseException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    FolderInUseException(Path folder) {
        super("Atelier is already running with the folder " + folder + "; use that window, or name another folder in "
                + DataFolder.OVERRIDE + ".");
    }
}
