package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What {@code studio serve} refuses before it listens. */
final class ServeCommandTest {
    @Test
    void refusesACacheThatThereIsNot() {
        Ran ran = Ran.with("", "serve", "--port", "0", "--cache", "4bit");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("8bit"), ran.err());
    }
}
