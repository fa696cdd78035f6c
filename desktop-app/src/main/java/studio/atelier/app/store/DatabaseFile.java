package studio.atelier.app.store;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Opens the database file in good order, or sets a damaged one aside and begins a new one.
 *
 * @param connection belongs to who opened it
 * @param damaged where the damaged file now lies, if there was one
 */
record DatabaseFile(Connection connection, Optional<Path> damaged) {
    private static final Logger LOG = System.getLogger(DatabaseFile.class.getName());
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss").withZone(ZoneOffset.UTC);

    /** A write-ahead log and its index lie beside the file while it is open. */
    private static final List<String> PARTS = List.of("", "-wal", "-shm");

    /**
     * Opens or makes the file and brings its tables up to date.
     *
     * @throws IOException with one sentence when it can't be used and is not simply damaged
     */
    static DatabaseFile open(Path file, Instant now) throws IOException {
        try {
            return new DatabaseFile(connect(file), Optional.empty());
        } catch (SQLException e) {
            if (!isDamage(e)) {
                throw sentence(file, e);
            }
            Path aside = setAside(file, now);
            LOG.log(
                    Level.WARNING,
                    "the file of the conversations was damaged ({0}) and now lies at {1}",
                    e.getMessage(),
                    aside);
            try {
                return new DatabaseFile(connect(file), Optional.of(aside));
            } catch (SQLException again) {
                throw sentence(file, again);
            }
        }
    }

    private static Connection connect(Path file) throws SQLException, IOException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        // In WAL mode this loses nothing when the process dies, only when the machine does.
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(5_000);
        // What a person purged must not stay readable in the file.
        config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try {
            check(connection);
            Schema.bringUpToDate(connection);
            return connection;
        } catch (SQLException | IOException e) {
            connection.close();
            throw e;
        }
    }

    private static void check(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA quick_check(1)")) {
            String found = result.next() ? result.getString(1) : "no answer";
            if (!found.equals("ok")) {
                throw new SQLiteException(found, SQLiteErrorCode.SQLITE_CORRUPT);
            }
        }
    }

    private static boolean isDamage(SQLException e) {
        // Extended codes keep the plain code in their low byte.
        int code = e.getErrorCode() & 0xff;
        return code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code;
    }

    private static Path setAside(Path file, Instant now) throws IOException {
        String ending = ".damaged-" + STAMP.format(now);
        Path aside = file.resolveSibling(file.getFileName() + ending);
        for (int attempt = 2; Files.exists(aside); attempt++) {
            aside = file.resolveSibling(file.getFileName() + ending + "-" + attempt);
        }
        for (String part : PARTS) {
            Path from = file.resolveSibling(file.getFileName() + part);
            if (Files.exists(from)) {
                Files.move(from, aside.resolveSibling(aside.getFileName() + part));
            }
        }
        return aside;
    }

    /** What to tell a person when the database refuses something. */
    static IOException sentence(Path file, SQLException e) {
        int code = e.getErrorCode() & 0xff;
        String text;
        if (code == SQLiteErrorCode.SQLITE_FULL.code) {
            text = "The disk that holds " + file + " is full; free some space.";
        } else if (code == SQLiteErrorCode.SQLITE_READONLY.code
                || code == SQLiteErrorCode.SQLITE_CANTOPEN.code
                || code == SQLiteErrorCode.SQLITE_PERM.code) {
            text = "The file " + file + " can't be written; check its permissions.";
        } else if (isDamage(e)) {
            text = "The file " + file + " is damaged; start Atelier again, and it is set aside.";
        } else {
            text = "The file " + file + " can't be used (" + e.getMessage() + ").";
        }
        return new IOException(text, e);
    }
}
