package studio.atelier.app.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables, and the steps from every earlier version of them to this one. The number of steps done is the file's
 * {@code user_version}; a step that was released is never changed.
 */
final class Schema {
    /**
     * Times are milliseconds since 1970. A message whose {@code set_aside} has a number belongs to an earlier version of
     * the conversation. Both indexes hold trigrams, which find Chinese without knowing its words; an answer enters when
     * it has ended, or each second of writing would index it from the start.
     */
    private static final List<String> FIRST = List.of(
            """
            CREATE TABLE conversation (
              id         INTEGER PRIMARY KEY AUTOINCREMENT,
              title      TEXT NOT NULL,
              created_at INTEGER NOT NULL,
              changed_at INTEGER NOT NULL,
              deleted_at INTEGER,
              draft      TEXT NOT NULL DEFAULT '',
              settings   TEXT
            )
            """,
            """
            CREATE TABLE message (
              id              INTEGER PRIMARY KEY AUTOINCREMENT,
              conversation_id INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
              author          TEXT NOT NULL CHECK (author IN ('PERSON', 'MODEL')),
              text            TEXT NOT NULL,
              reasoning       TEXT NOT NULL,
              ending          TEXT NOT NULL CHECK (ending IN ('RUNNING', 'COMPLETE', 'STOPPED', 'CUT_OFF')),
              source_name     TEXT,
              source_title    TEXT,
              created_at      INTEGER NOT NULL,
              set_aside       INTEGER
            )
            """,
            "CREATE INDEX message_by_conversation ON message (conversation_id, id)",
            """
            CREATE VIRTUAL TABLE title_index USING fts5 (
              title, content = 'conversation', content_rowid = 'id', tokenize = 'trigram remove_diacritics 1'
            )
            """,
            """
            CREATE VIRTUAL TABLE message_index USING fts5 (
              text, content = 'message', content_rowid = 'id', tokenize = 'trigram remove_diacritics 1'
            )
            """,
            """
            CREATE TRIGGER conversation_added AFTER INSERT ON conversation BEGIN
              INSERT INTO title_index (rowid, title) VALUES (new.id, new.title);
            END
            """,
            """
            CREATE TRIGGER conversation_renamed AFTER UPDATE OF title ON conversation BEGIN
              INSERT INTO title_index (title_index, rowid, title) VALUES ('delete', old.id, old.title);
              INSERT INTO title_index (rowid, title) VALUES (new.id, new.title);
            END
            """,
            """
            CREATE TRIGGER conversation_purged AFTER DELETE ON conversation BEGIN
              INSERT INTO title_index (title_index, rowid, title) VALUES ('delete', old.id, old.title);
            END
            """,
            // What is purged must leave the indexes as well.
            "INSERT INTO title_index (title_index, rank) VALUES ('secure-delete', 1)",
            "INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1)",
            """
            CREATE TRIGGER message_dates AFTER INSERT ON message BEGIN
              UPDATE conversation SET changed_at = new.created_at WHERE id = new.conversation_id;
            END
            """,
            """
            CREATE TRIGGER message_added AFTER INSERT ON message WHEN new.ending <> 'RUNNING' BEGIN
              INSERT INTO message_index (rowid, text) VALUES (new.id, new.text);
            END
            """,
            """
            CREATE TRIGGER message_written AFTER UPDATE OF text, ending ON message BEGIN
              INSERT INTO message_index (message_index, rowid, text)
                SELECT 'delete', old.id, old.text WHERE old.ending <> 'RUNNING';
              INSERT INTO message_index (rowid, text)
                SELECT new.id, new.text WHERE new.ending <> 'RUNNING';
            END
            """,
            """
            CREATE TRIGGER message_purged AFTER DELETE ON message WHEN old.ending <> 'RUNNING' BEGIN
              INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', old.id, old.text);
            END
            """);

    /** A picture's words are found as messages are; its pixels lie in a file beside the database. */
    private static final List<String> PICTURES = List.of(
            """
            CREATE TABLE picture (
              id         INTEGER PRIMARY KEY AUTOINCREMENT,
              thread     INTEGER NOT NULL,
              parent_id  INTEGER REFERENCES picture (id) ON DELETE SET NULL,
              origin     TEXT NOT NULL,
              prompt     TEXT NOT NULL,
              model      TEXT NOT NULL,
              seed       INTEGER NOT NULL,
              width      INTEGER NOT NULL,
              height     INTEGER NOT NULL,
              alpha      TEXT NOT NULL,
              colours    TEXT NOT NULL,
              whole      INTEGER NOT NULL,
              seconds    REAL NOT NULL,
              file       TEXT NOT NULL,
              made_at    INTEGER NOT NULL,
              deleted_at INTEGER
            )
            """,
            "CREATE INDEX picture_by_thread ON picture (thread, id)",
            """
            CREATE VIRTUAL TABLE picture_index USING fts5 (
              prompt, content = 'picture', content_rowid = 'id', tokenize = 'trigram remove_diacritics 1'
            )
            """,
            "INSERT INTO picture_index (picture_index, rank) VALUES ('secure-delete', 1)",
            """
            CREATE TRIGGER picture_added AFTER INSERT ON picture BEGIN
              INSERT INTO picture_index (rowid, prompt) VALUES (new.id, new.prompt);
            END
            """,
            """
            CREATE TRIGGER picture_purged AFTER DELETE ON picture BEGIN
              INSERT INTO picture_index (picture_index, rowid, prompt) VALUES ('delete', old.id, old.prompt);
            END
            """,
            "ALTER TABLE message ADD COLUMN picture TEXT");

    private static final List<List<String>> STEPS = List.of(FIRST, PICTURES);

    private Schema() {}

    /**
     * Brings the tables of an open file to this program's version.
     *
     * @throws IOException when a newer program has written the file
     */
    static void bringUpToDate(Connection connection) throws SQLException, IOException {
        bringUpToDate(connection, STEPS);
    }

    static void bringUpToDate(Connection connection, List<List<String>> steps) throws SQLException, IOException {
        int version = version(connection);
        if (version > steps.size()) {
            throw new IOException("Your chats were last opened by a newer Atelier (file version " + version
                    + ", this one knows " + steps.size() + "); start that one, or update this one.");
        }
        for (int step = version; step < steps.size(); step++) {
            take(connection, steps.get(step), step + 1);
        }
    }

    private static void take(Connection connection, List<String> commands, int version) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.executeUpdate(command);
            }
            statement.executeUpdate("PRAGMA user_version = " + version);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA user_version")) {
            return result.next() ? result.getInt(1) : 0;
        }
    }
}
