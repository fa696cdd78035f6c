package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.selftest.ToyModel;

/** The dispatches of one token are those of the next, but for what lies in the step's buffer. */
final class FixedListTest {
    private static List<String> dispatches(String architecture, int tokens) throws Exception {
        try (PlanningBackend planning = new PlanningBackend(false)) {
            ToyModel.tokens(architecture, planning, tokens);
            return planning.dispatches().stream().map(FixedListTest::text).toList();
        }
    }

    /** Kernel, constants, grid and every number that is not an address. */
    private static String text(Dispatch dispatch) {
        return dispatch.kernel() + " " + dispatch.constants().values() + " " + dispatch.groupsX() + " × "
                + dispatch.groupsY() + " × " + dispatch.groupsZ() + " of " + dispatch.threads() + ", "
                + Arrays.toString(dispatch.threadgroupBytes()) + " "
                + dispatch.parameters().numbers();
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek_v3", "qwen3_moe"})
    void theNextTokenHasTheSame(String architecture) throws Exception {
        List<String> one = dispatches(architecture, 3);
        assertFalse(one.isEmpty());
        assertEquals(one, dispatches(architecture, 4));
        assertEquals(one, dispatches(architecture, 200));
        // The prompt's pass is another.
        assertNotEquals(one, dispatches(architecture, 1));
    }
}
