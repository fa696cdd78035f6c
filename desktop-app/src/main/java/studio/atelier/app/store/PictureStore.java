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
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.library.PictureArchive;
import studio.atelier.app.library.SavedPicture;

/** The pictures in the file of the conversations, over its connection and behind its lock. */
final class PictureStore implements PictureArchive {
    /** The trigram index can't find less. */
    private static final int TRIGRAM = 3;

    private static final int MOST_WORDS = 16;

    private static final String COLUMNS =
            "id, thread, parent_id, origin, prompt, model, seed, width, height, alpha, colours, whole, seconds, file,"
                    + " made_at";

    private final Path file;
    private final Connection connection;
    private final Object lock;
    private final Clock clock;

    /** @param lock held while the connection is used */
    PictureStore(Path file, Connection connection, Object lock, Clock clock) {
        this.file = file;
        this.connection = connection;
        this.lock = lock;
        this.clock = clock;
    }

    @Override
    public List<SavedPicture> list() throws IOException {
        return ask("deleted_at IS NULL ORDER BY id DESC");
    }

    @Override
    public List<SavedPicture> thread(long thread) throws IOException {
        return ask("deleted_at IS NULL AND thread = ? ORDER BY id", thread);
    }

    @Override
    public List<SavedPicture> search(String text) throws IOException {
        List<String> words = Arrays.stream(text.replace('\0', ' ').strip().split("[\\s\\u3000]+"))
                .filter(word -> !word.isEmpty())
                .distinct()
                .limit(MOST_WORDS)
                .toList();
        if (words.isEmpty()) {
            return List.of();
        }
        StringBuilder where = new StringBuilder("deleted_at IS NULL");
        List<Object> arguments = new ArrayList<>();
        for (String word : words) {
            if (word.codePointCount(0, word.length()) >= TRIGRAM) {
                where.append(" AND id IN (SELECT rowid FROM picture_index WHERE picture_index MATCH ?)");
                // In quotation marks all of FTS5's own words and signs are plain text.
                arguments.add('"' + word.replace("\"", "\"\"") + '"');
            } else {
                where.append(" AND prompt LIKE ? ESCAPE '\\'");
                arguments.add(
                        '%' + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + '%');
            }
        }
        return ask(where.append(" ORDER BY id DESC").toString(), arguments.toArray());
    }

    @Override
    public SavedPicture add(SavedPicture picture) throws IOException {
        Instant now = clock.instant();
        synchronized (lock) {
            long next = number("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'picture'), 0) + 1");
            long thread = picture.thread() == 0 ? next : picture.thread();
            long id = number(
                    "INSERT INTO picture (thread, parent_id, origin, prompt, model, seed, width, height, alpha,"
                            + " colours, whole, seconds, file, made_at)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    thread,
                    picture.parent().isPresent() ? picture.parent().getAsLong() : null,
                    picture.origin().name(),
                    picture.prompt(),
                    picture.model(),
                    picture.seed(),
                    picture.width(),
                    picture.height(),
                    picture.alpha(),
                    String.join(" ", picture.colours()),
                    picture.whole() ? 1 : 0,
                    picture.seconds(),
                    picture.file(),
                    now.toEpochMilli());
            return picture.keptAs(id, thread, Instant.ofEpochMilli(now.toEpochMilli()));
        }
    }

    @Override
    public void delete(long id) throws IOException {
        number("UPDATE picture SET deleted_at = ? WHERE id = ? RETURNING id", clock.millis(), id);
    }

    @Override
    public void restore(long id) throws IOException {
        number("UPDATE picture SET deleted_at = NULL WHERE id = ? RETURNING id", id);
    }

    private List<SavedPicture> ask(String which, @Nullable Object... arguments) throws IOException {
        synchronized (lock) {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT " + COLUMNS + " FROM picture WHERE " + which)) {
                fill(statement, arguments);
                List<SavedPicture> found = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.add(picture(rows));
                    }
                }
                return found;
            } catch (SQLException e) {
                throw DatabaseFile.sentence(file, e);
            }
        }
    }

    private static SavedPicture picture(ResultSet row) throws SQLException {
        long parent = row.getLong(3);
        OptionalLong from = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(parent);
        String colours = row.getString(11);
        return new SavedPicture(
                row.getLong(1),
                row.getLong(2),
                from,
                SavedPicture.Origin.valueOf(row.getString(4)),
                row.getString(5),
                row.getString(6),
                row.getLong(7),
                row.getInt(8),
                row.getInt(9),
                row.getString(10),
                colours.isEmpty() ? List.of() : List.of(colours.split(" ")),
                row.getInt(12) != 0,
                row.getDouble(13),
                row.getString(14),
                Instant.ofEpochMilli(row.getLong(15)));
    }

    /** The one number that a command gives back; 0 when it gives none. */
    private long number(String command, @Nullable Object... arguments) throws IOException {
        synchronized (lock) {
            try (PreparedStatement statement = connection.prepareStatement(command)) {
                fill(statement, arguments);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? row.getLong(1) : 0;
                }
            } catch (SQLException e) {
                throw DatabaseFile.sentence(file, e);
            }
        }
    }

    private static void fill(PreparedStatement statement, @Nullable Object[] arguments) throws SQLException {
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
    }
}
