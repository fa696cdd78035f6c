package studio.atelier.app.library;

import java.io.IOException;
import java.util.List;

/** Where pictures are written down; the files lie beside it. Calls may take as long as a disk does. */
public interface PictureArchive {
    /** All that were not deleted, the latest first. */
    List<SavedPicture> list() throws IOException;

    /** Those whose words hold every word of a text, the latest first; none for an empty text. */
    List<SavedPicture> search(String text) throws IOException;

    /** One thread, the oldest first. */
    List<SavedPicture> thread(long thread) throws IOException;

    /**
     * Writes a picture down; its file is there already.
     *
     * @param picture its number is made here, and that of its thread when that is 0
     */
    SavedPicture add(SavedPicture picture) throws IOException;

    void delete(long id) throws IOException;

    /** Takes a deletion back. */
    void restore(long id) throws IOException;
}
