package studio.atelier.engine.backend.metal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import java.util.Map;
import studio.atelier.engine.tensor.Rope;

/** What the processor prepares for one plan: tokens, and cosines and sines of the new positions. */
final class HostData {
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment zeros = arena.allocate(16);
    private final Map<Rope, MemorySegment> turns = new IdentityHashMap<>();
    private int turnsFirst;
    private int turnsLength;

    MemorySegment zeros() {
        return zeros;
    }

    MemorySegment integers(int[] numbers) {
        return arena.allocateFrom(ValueLayout.JAVA_INT, numbers);
    }

    /** {@code [L, pairs, 2]}, computed in double as the CPU backend does. */
    MemorySegment turns(Rope rope, int firstPosition, int length) {
        if (firstPosition != turnsFirst || length != turnsLength) {
            turns.clear();
            turnsFirst = firstPosition;
            turnsLength = length;
        }
        return turns.computeIfAbsent(rope, _ -> {
            double[] inverse = rope.inverseFrequencies();
            MemorySegment table = arena.allocate(8L * length * inverse.length, 16);
            for (int l = 0; l < length; l++) {
                for (int i = 0; i < inverse.length; i++) {
                    double angle = (firstPosition + l) * inverse[i];
                    long at = 2L * (l * inverse.length + i);
                    table.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) Math.cos(angle) * rope.magnitude());
                    table.setAtIndex(ValueLayout.JAVA_FLOAT, at + 1, (float) Math.sin(angle) * rope.magnitude());
                }
            }
            return table;
        });
    }
}
