package studio.atelier.app.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.library.Archive;
import studio.atelier.app.library.HelpPage;
import studio.atelier.app.library.Message;
import studio.atelier.app.library.PictureArchive;

/**
 * The conversations in an SQLite file. Every call is a transaction of its own, so a killed process loses only what it had
 * not yet handed over. Calls wait for one another; the one who opened it closes it.
 */
public final class ConversationStore implements Archive, AutoCloseable {
    private final Path file;
    private final FolderLock lock;
    private final Connection connection;
    private final Optional<Path> damaged;
    private final Clock clock;
    private final PictureStore pictures;

    private ConversationStore(Path file, FolderLock lock, DatabaseFile database, Clock clock) {
        this.file = file;
        this.lock = lock;
        this.connection = database.connection();
        this.damaged = database.damaged();
        this.clock = clock;
        this.pictures = new PictureStore(file, connection, this, clock);
    }

    /**
     * Opens the conversations of a folder, or begins them. Answers that were being written when the program was killed
     * are stopped answers from now on.
     *
     * @throws FolderInUseException when another Atelier is running with this folder
     * @throws IOException with one sentence for the person
     */
    public static ConversationStore open(Path folder, Clock clock) throws IOException {
        DataFolder.create(folder);
        FolderLock lock = FolderLock.take(folder);
        try {
            Path file = folder.resolve("chats.db");
            DatabaseFile database = DatabaseFile.open(file, clock.instant());
            ConversationStore store = new ConversationStore(file, lock, database, clock);
            store.change("UPDATE message SET ending = 'STOPPED' WHERE ending = 'RUNNING'");
            return store;
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /** Where the file lies that was found damaged and set aside when the store was opened. */
    public Optional<Path> damagedFile() {
        return damaged;
    }

    @Override
    public List<Entry> list() throws IOException {
        return entries("deleted_at IS NULL");
    }

    /** Those that were deleted and not purged, the latest first. */
    public List<Entry> deleted() throws IOException {
        return entries("deleted_at IS NOT NULL");
    }

    private List<Entry> entries(String which) throws IOException {
        return ask(
                "SELECT id, title, changed_at, draft, settings FROM conversation WHERE " + which
                        + " ORDER BY changed_at DESC, id DESC",
                row -> new Entry(
                        row.getLong(1),
                        row.getString(2),
                        Instant.ofEpochMilli(row.getLong(3)),
                        row.getString(4),
                        Optional.ofNullable(row.getString(5))));
    }

    @Override
    public synchronized List<Long> search(String text) throws IOException {
        try {
            return new Search(connection).find(text);
        } catch (SQLException e) {
            throw DatabaseFile.sentence(file, e);
        }
    }

    @Override
    public long create(String title) throws IOException {
        long now = clock.millis();
        return insert(
                "INSERT INTO conversation (title, created_at, changed_at) VALUES (?, ?, ?) RETURNING id",
                title,
                now,
                now);
    }

    @Override
    public void rename(long id, String title) throws IOException {
        change("UPDATE conversation SET title = ? WHERE id = ?", title, id);
    }

    @Override
    public void delete(long id) throws IOException {
        change("UPDATE conversation SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", clock.millis(), id);
    }

    @Override
    public void restore(long id) throws IOException {
        change("UPDATE conversation SET deleted_at = NULL WHERE id = ?", id);
    }

    /** Removes for good what was deleted before this moment, with its messages. Returns how many conversations went. */
    public int purge(Instant deletedBefore) throws IOException {
        return change("DELETE FROM conversation WHERE deleted_at < ?", deletedBefore.toEpochMilli());
    }

    @Override
    public List<Row> messages(long id) throws IOException {
        return rows(id, "set_aside IS NULL");
    }

    /** The messages of earlier versions in the order they were written; their keys are made by the caller. */
    public List<Row> messagesSetAside(long id) throws IOException {
        return rows(id, "set_aside IS NOT NULL");
    }

    private List<Row> rows(long conversation, String which) throws IOException {
        return ask(
                "SELECT id, author, text, reasoning, ending, source_name, source_title, picture FROM message"
                        + " WHERE conversation_id = ? AND " + which + " ORDER BY id",
                row -> new Row(row.getLong(1), message(row)),
                conversation);
    }

    private static Message message(ResultSet row) throws SQLException {
        String sourceName = row.getString(6);
        return new Message(
                0,
                Message.Author.valueOf(row.getString(2)),
                row.getString(3),
                row.getString(4),
                OptionalInt.empty(),
                Message.End.valueOf(row.getString(5)),
                Optional.empty(),
                sourceName == null ? Optional.empty() : Optional.of(new HelpPage(sourceName, row.getString(7))),
                Optional.ofNullable(row.getString(8)));
    }

    @Override
    public long add(long conversation, Message message) throws IOException {
        return insert(
                "INSERT INTO message (conversation_id, author, text, reasoning, ending, source_name, source_title,"
                        + " picture, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                conversation,
                message.author().name(),
                message.text(),
                message.reasoning(),
                message.end().name(),
                message.source().map(HelpPage::name).orElse(null),
                message.source().map(HelpPage::title).orElse(null),
                message.picture().orElse(null),
                clock.millis());
    }

    @Override
    public void update(long conversation, long row, Message message) throws IOException {
        change(
                "UPDATE message SET text = ?, reasoning = ?, ending = ?, source_name = ?, source_title = ?, picture = ?"
                        + " WHERE id = ? AND conversation_id = ?",
                message.text(),
                message.reasoning(),
                message.end().name(),
                message.source().map(HelpPage::name).orElse(null),
                message.source().map(HelpPage::title).orElse(null),
                message.picture().orElse(null),
                row,
                conversation);
    }

    @Override
    public void setAside(long conversation, long fromRow) throws IOException {
        change(
                "UPDATE message SET set_aside ="
                        + " (SELECT coalesce(max(set_aside), 0) + 1 FROM message WHERE conversation_id = ?)"
                        + " WHERE conversation_id = ? AND set_aside IS NULL AND id >= ?",
                conversation,
                conversation,
                fromRow);
    }

    @Override
    public void saveDraft(long id, String text) throws IOException {
        change("UPDATE conversation SET draft = ? WHERE id = ?", text, id);
    }

    @Override
    public void saveSettings(long id, String words) throws IOException {
        change("UPDATE conversation SET settings = ? WHERE id = ?", words, id);
    }

    /** Writes the log back into the file and lets others open the folder. */
    @Override
    public synchronized void close() throws IOException {
        try (lock) {
            connection.close();
        } catch (SQLException e) {
            throw DatabaseFile.sentence(file, e);
        }
    }

    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private synchronized <T> List<T> ask(String query, Reader<T> reader, @Nullable Object... arguments)
            throws IOException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            fill(statement, arguments);
            List<T> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(reader.read(rows));
                }
            }
            return found;
        } catch (SQLException e) {
            throw DatabaseFile.sentence(file, e);
        }
    }

    private long insert(String command, @Nullable Object... arguments) throws IOException {
        return ask(command, row -> row.getLong(1), arguments).getFirst();
    }

    private synchronized int change(String command, @Nullable Object... arguments) throws IOException {
        try (PreparedStatement statement = connection.prepareStatement(command)) {
            fill(statement, arguments);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw DatabaseFile.sentence(file, e);
        }
    }

    @Override
    public PictureArchive pictures() {
        return pictures;
    }

    private static void fill(PreparedStatement statement, @Nullable Object[] arguments) throws SQLException {
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
    }
}
