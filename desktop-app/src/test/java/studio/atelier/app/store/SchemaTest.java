package studio.atelier.app.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SchemaTest {
    private static final List<String> FIRST = List.of("CREATE TABLE note (text TEXT NOT NULL)");
    private static final List<String> SECOND = List.of(
            "ALTER TABLE note ADD COLUMN size INTEGER NOT NULL DEFAULT 0", "UPDATE note SET size = length(text)");
    private static final List<String> BROKEN = List.of("CREATE TABLE half (x)", "CREATE TABLE note (x)");

    @Test
    void bringUpToDateTakesOnlyTheMissingSteps() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                Statement statement = connection.createStatement()) {
            Schema.bringUpToDate(connection, List.of(FIRST));
            statement.executeUpdate("INSERT INTO note (text) VALUES ('four')");
            Schema.bringUpToDate(connection, List.of(FIRST, SECOND));
            assertEquals(2, Schema.version(connection));
            try (var rows = statement.executeQuery("SELECT size FROM note")) {
                assertEquals(4, rows.getInt(1));
            }
            Schema.bringUpToDate(connection, List.of(FIRST, SECOND));
            assertEquals(2, Schema.version(connection));
        }
    }

    @Test
    void bringUpToDateLeavesNoHalfStep() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                Statement statement = connection.createStatement()) {
            assertThrows(SQLException.class, () -> Schema.bringUpToDate(connection, List.of(FIRST, BROKEN)));
            assertEquals(1, Schema.version(connection));
            assertThrows(SQLException.class, () -> statement.executeQuery("SELECT * FROM half"));
        }
    }
}
