package studio.atelier.app.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds conversations in which every word of a query occurs, in the title or in any message. Words of three and more
 * characters go through the trigram indexes; shorter ones, which no trigram holds, are looked for in the texts themselves.
 */
final class Search {
    private static final int MOST_WORDS = 12;
    private static final int TRIGRAM = 3;

    /** A hit in the title comes before any number of hits in messages. */
    private static final double TITLE_WEIGHT = 1_000;

    private static final String BY_INDEX = """
        SELECT c.id, c.changed_at, %1$f AS score
          FROM title_index JOIN conversation c ON c.id = title_index.rowid
         WHERE title_index MATCH ?1 AND c.deleted_at IS NULL
        UNION ALL
        SELECT c.id, c.changed_at, -bm25(message_index)
          FROM message_index JOIN message m ON m.id = message_index.rowid
          JOIN conversation c ON c.id = m.conversation_id
         WHERE message_index MATCH ?1 AND m.set_aside IS NULL AND c.deleted_at IS NULL
        """;

    private static final String BY_TEXT = """
        SELECT id, changed_at, %1$f AS score
          FROM conversation WHERE title LIKE ?1 ESCAPE '\\' AND deleted_at IS NULL
        UNION ALL
        SELECT c.id, c.changed_at, 1.0
          FROM conversation c WHERE c.deleted_at IS NULL AND EXISTS (
            SELECT 1 FROM message m
             WHERE m.conversation_id = c.id AND m.set_aside IS NULL AND m.text LIKE ?1 ESCAPE '\\')
        """;

    private final Connection connection;

    Search(Connection connection) {
        this.connection = connection;
    }

    private record Hit(double score, long changedAt) {
        Hit and(Hit other) {
            return new Hit(score + other.score, changedAt);
        }
    }

    /** The numbers of the conversations, the best first and of equally good ones the latest; none for an empty query. */
    List<Long> find(String query) throws SQLException {
        Map<Long, Hit> found = new HashMap<>();
        List<String> words = Arrays.stream(query.replace('\0', ' ').strip().split("[\\s\\u3000]+"))
                .filter(word -> !word.isEmpty())
                .distinct()
                .limit(MOST_WORDS)
                .toList();
        for (int i = 0; i < words.size(); i++) {
            Map<Long, Hit> holding = holding(words.get(i));
            if (i == 0) {
                found.putAll(holding);
            } else {
                found.keySet().retainAll(holding.keySet());
                found.replaceAll((id, hit) -> hit.and(holding.getOrDefault(id, hit)));
            }
        }
        return found.entrySet().stream()
                .sorted(Comparator.comparingDouble((Map.Entry<Long, Hit> entry) ->
                                -entry.getValue().score())
                        .thenComparingLong(entry -> -entry.getValue().changedAt()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Map<Long, Hit> holding(String word) throws SQLException {
        boolean indexed = word.codePointCount(0, word.length()) >= TRIGRAM;
        String sql = (indexed ? BY_INDEX : BY_TEXT).replace("%1$f", Double.toString(TITLE_WEIGHT));
        Map<Long, Hit> hits = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            // In quotation marks all of FTS5's own words and signs are plain text.
            statement.setString(1, indexed ? '"' + word.replace("\"", "\"\"") + '"' : '%' + escapeLike(word) + '%');
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    hits.merge(rows.getLong(1), new Hit(rows.getDouble(3), rows.getLong(2)), Hit::and);
                }
            }
        }
        return hits;
    }

    private static String escapeLike(String word) {
        return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }
}
