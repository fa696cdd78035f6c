package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final long TURN_OF_ANOTHER_PROGRAM = 3_000_000;

    private final Patience patience = new Patience();

    @Test
    void spinsShortlyWhereCoresAreLost() {
        assertFalse(patience.isOver(200_000));

        for (int i = 0; i < 10; i++) {
            patience.slept(TURN_OF_ANOTHER_PROGRAM);
        }

        assertTrue(patience.isOver(10_000));
        assertFalse(patience.isOver(1_000), "never not at all");
    }

    @Test
    void spinsLongAgainWhereThatIsRewarded() {
        patience.slept(TURN_OF_ANOTHER_PROGRAM);
        assertTrue(patience.isOver(200_000));

        for (int i = 0; i < 10_000; i++) {
            patience.rewarded();
        }

        assertFalse(patience.isOver(200_000));
        assertTrue(patience.isOver(300_000), "but not longer than at first");
    }

    @Test
    void takesThePauseBetweenTwoTokensForNoLoss() {
        patience.slept(400_000);

        assertFalse(patience.isOver(200_000));
    }

    @Test
    void findsBackWhereItSleepsTooEarly() {
        for (int i = 0; i < 10; i++) {
            patience.slept(TURN_OF_ANOTHER_PROGRAM);
        }

        for (int i = 0; i < 10_000; i++) {
            patience.slept(20_000);
        }

        assertFalse(patience.isOver(200_000));
    }
}
