package studio.atelier.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final long TURN_OF_ANOTHER_PROGRAM = 3_000_000;

    private final Patience patience = new Patience();

    @Test
    void spinsShortlyWhereCoresAreLost() {
        assertThat(patience.isOver(200_000)).isFalse();

        for (int i = 0; i < 10; i++) {
            patience.slept(TURN_OF_ANOTHER_PROGRAM);
        }

        assertThat(patience.isOver(10_000)).isTrue();
        assertThat(patience.isOver(1_000)).as("never not at all").isFalse();
    }

    @Test
    void spinsLongAgainWhereThatIsRewarded() {
        patience.slept(TURN_OF_ANOTHER_PROGRAM);
        assertThat(patience.isOver(200_000)).isTrue();

        for (int i = 0; i < 10_000; i++) {
            patience.rewarded();
        }

        assertThat(patience.isOver(200_000)).isFalse();
        assertThat(patience.isOver(300_000)).as("but not longer than at first").isTrue();
    }

    @Test
    void takesThePauseBetweenTwoTokensForNoLoss() {
        patience.slept(400_000);

        assertThat(patience.isOver(200_000)).isFalse();
    }
}
