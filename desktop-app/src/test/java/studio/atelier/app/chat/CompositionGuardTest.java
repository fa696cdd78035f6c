package studio.atelier.app.chat;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class CompositionGuardTest {
    private static final long MILLISECOND = 1_000_000;

    private final CompositionGuard guard = new CompositionGuard();

    @Test
    void returnIsThePersonsWhenNothingIsComposed() {
        assertFalse(guard.ownsReturn(0));
    }

    @Test
    void returnEndsTheComposing() {
        guard.composed(5, 0);
        assertTrue(guard.ownsReturn(900 * MILLISECOND));
    }

    @Test
    void returnThatHandedTheTextOverSendsNothing() {
        guard.composed(5, 0);
        guard.composed(0, 1_000 * MILLISECOND);
        assertTrue(guard.ownsReturn(1_002 * MILLISECOND));
        assertFalse(guard.ownsReturn(1_200 * MILLISECOND));
    }

    @Test
    void emptyEventsWithoutComposingChangeNothing() {
        guard.composed(0, 0);
        assertFalse(guard.ownsReturn(1 * MILLISECOND));
    }
}
