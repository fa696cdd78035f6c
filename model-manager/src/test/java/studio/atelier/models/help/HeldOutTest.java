package studio.atelier.models.help;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The questions of {@code assets/training/judge}, without the model, which says what its page says: whether the pages that
 * the search finds hold the facts of a right answer. Pages that are written anew must not lose what people ask for.
 */
final class HeldOutTest {
    private static final int QUESTIONS = 76;
    private static final int LEAST_ANSWERED = 71;

    @Test
    void pagesThatAreFoundHoldTheFacts() throws IOException {
        HelpSearch search = HelpSearch.open();
        Path file = Path.of(System.getProperty("atelier.root", ".."), "assets", "training", "held-out.txt");
        List<String> lost = new ArrayList<>();
        int asked = 0;
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split(" \\| ");
            if (line.startsWith("#") || parts.length < 3 || parts[2].strip().equals("-")) {
                continue;
            }
            asked++;
            String found = search.find(parts[1]).map(HelpHit::instruction).orElse("");
            if (!holds(found.toLowerCase(Locale.ROOT), parts[2])) {
                lost.add(parts[1]);
            }
        }
        assertEquals(QUESTIONS, asked);
        assertTrue(asked - lost.size() >= LEAST_ANSWERED, "not answered: " + lost);
    }

    /** All facts, which "&amp;" joins; of each one of its wordings, which "/" parts. */
    private static boolean holds(String text, String facts) {
        return Arrays.stream(facts.split(" & "))
                .allMatch(fact -> Arrays.stream(fact.split(" / "))
                        .anyMatch(wording -> text.contains(wording.strip().toLowerCase(Locale.ROOT))));
    }
}
