package studio.atelier.app.library;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where conversations lie when the program is not running. Every method waits for the disk; one thread calls them. */
public interface Archive {
    /**
     * A conversation without its messages.
     *
     * @param settings what {@link #saveSettings} was given last
     */
    record Entry(long id, String title, Instant changedAt, String draft, Optional<String> settings) {}

    /** A message with its number. */
    record Row(long id, Message message) {}

    /** All that are not deleted, the latest first. */
    List<Entry> list() throws IOException;

    /** The numbers of those whose title or messages hold this text, the best first. */
    List<Long> search(String text) throws IOException;

    long create(String title) throws IOException;

    void rename(long id, String title) throws IOException;

    /** Hides it; {@link #restore} brings it back. */
    void delete(long id) throws IOException;

    void restore(long id) throws IOException;

    /** Its messages in order, numbered; their keys are made by the caller. */
    List<Row> messages(long id) throws IOException;

    /** Adds one at the end and returns its number. */
    long add(long conversation, Message message) throws IOException;

    /** Writes down how far an answer is. */
    void update(long conversation, long row, Message message) throws IOException;

    /** Takes a message and all after it out of the conversation and keeps them as an earlier version. */
    void setAside(long conversation, long fromRow) throws IOException;

    void saveDraft(long id, String text) throws IOException;

    void saveSettings(long id, String words) throws IOException;

    /** The pictures that are kept beside the conversations. */
    PictureArchive pictures();
}
