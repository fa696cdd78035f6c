package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class StopMatcherTest {
    @Test
    void endsBeforeStopTextThatArrivesInPieces() {
        StopMatcher matcher = new StopMatcher(List.of("STOP", "END"));
        assertEquals("one ", matcher.accept("one S"));
        assertEquals("", matcher.accept("TO"));
        assertEquals("", matcher.accept("P two"));
        assertTrue(matcher.matched());
        assertEquals("", matcher.accept("three"));
    }

    @Test
    void givesBackWhatOnlyLookedLikeStopText() {
        StopMatcher matcher = new StopMatcher(List.of("aab"));
        assertEquals("", matcher.accept("a"));
        assertEquals("", matcher.accept("a"));
        assertEquals("a", matcher.accept("a"));
        assertEquals("aac", matcher.accept("c"));
        assertFalse(matcher.matched());
    }

    @Test
    void flushGivesWhatWasHeldBack() {
        StopMatcher matcher = new StopMatcher(List.of("\n\nUser:"));
        assertEquals("answer", matcher.accept("answer\n\nUs"));
        assertEquals("\n\nUs", matcher.flush());
        assertFalse(matcher.matched());
    }

    @Test
    void firstInTheTextWinsWhateverTheOrderOfTheList() {
        StopMatcher matcher = new StopMatcher(List.of("zebra", "ox"));
        assertEquals("an ", matcher.accept("an ox and a zebra"));
    }

    @Test
    void withoutStopTextsNothingIsHeld() {
        assertEquals("all of it", new StopMatcher(List.of()).accept("all of it"));
    }
}
