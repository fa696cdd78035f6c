package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class ExpertOrderTest {
    @Test
    void pairsLieByExpertAndAmongThoseByPosition() {
        ExpertOrder order = new ExpertOrder();
        Random random = new Random(4);
        for (int positions : new int[] {17, 1, 5, 64}) {
            int experts = 9;
            int chosen = 3;
            int[] of = new int[positions * chosen];
            for (int i = 0; i < of.length; i++) {
                // Expert 5 is never chosen.
                of[i] = random.nextInt(experts - 1) + (i % 2 == 0 ? 0 : 1);
                of[i] = of[i] == 5 ? 6 : of[i];
            }
            order.sort(new CpuRouter.Chosen(chosen, of, new float[of.length]), experts);

            int[] sorted = new int[of.length];
            for (int pair = 0; pair < of.length; pair++) {
                sorted[order.place(pair)] = pair;
            }
            int at = 0;
            for (int i = 0; i < order.usedCount(); i++) {
                int expert = order.used(i);
                assertEquals(at, order.start(expert));
                int last = -1;
                for (int k = 0; k < order.count(expert); k++) {
                    int pair = sorted[at++];
                    assertEquals(expert, of[pair]);
                    assertEquals(1, Integer.signum(pair - last), "earlier positions come first");
                    last = pair;
                }
            }
            assertEquals(of.length, at);
            assertEquals(0, order.count(5));
            assertEquals(chosen, order.chosen());
        }
    }
}
