package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

final class PassMemoryTest {
    private final PassMemory memory = new PassMemory();

    @Test
    void tensorsOfAFewRowsComeAgainInTheNextPass() {
        memory.begin();
        Tensor first = memory.allocate(2, 96);
        Tensor second = memory.allocate(2, 96);
        Tensor heads = memory.allocate(2, 4, 24);
        memory.close();
        memory.begin();
        assertSame(heads, memory.allocate(Shape.of(2, 4, 24)));
        assertSame(first, memory.allocate(Shape.of(2, 7), 96));
        assertSame(second, memory.allocate(2, 96));
        memory.close();
    }

    @Test
    void twoTensorsOfOnePassNeverShareTheirElements() {
        memory.begin();
        Tensor one = memory.allocate(1, 64);
        Tensor other = memory.allocate(1, 64);
        Tensor long1 = memory.allocate(40, 64);
        Tensor long2 = memory.allocate(40, 64);
        float[] room = memory.take(40 * 64);
        assertNotSame(HeapBuffer.of(one), HeapBuffer.of(other));
        assertNotSame(HeapBuffer.of(long1), HeapBuffer.of(long2));
        assertNotSame(HeapBuffer.of(long1), room);
        assertNotSame(HeapBuffer.of(long2), room);
        memory.close();
    }

    @Test
    void ofAPromptOnlyTheArrayComesAgain() {
        memory.begin();
        Tensor read = memory.allocate(40, 64);
        memory.close();
        memory.begin();
        Tensor again = memory.allocate(39, 65);
        assertNotSame(read, again);
        assertSame(HeapBuffer.of(read), HeapBuffer.of(again));
        assertEquals(Shape.of(39, 65), again.shape());
        memory.close();
    }

    @Test
    void whatALongPromptLeftIsDroppedByThePassBehindIt() {
        memory.begin();
        float[] large = memory.take(20 << 20);
        memory.close();
        memory.begin();
        memory.allocate(1, 64);
        memory.close();
        memory.begin();
        assertNotSame(large, memory.take(20 << 20));
        memory.close();
    }

    @Test
    void aPartTakesTheArraysOfThePartBeforeButNotItsResult() {
        memory.begin();
        Tensor before = memory.allocate(40, 64);
        memory.beginPart();
        Tensor one = memory.allocate(40, 64);
        Tensor result = memory.allocate(40, 64);
        float[] other = memory.take(1000);
        memory.endPart(result);
        memory.beginPart();
        Tensor first = memory.allocate(40, 64);
        Tensor second = memory.allocate(40, 64);
        assertSame(HeapBuffer.of(one), HeapBuffer.of(first));
        assertSame(other, memory.take(1000));
        for (Tensor mine : List.of(before, result, first)) {
            assertNotSame(HeapBuffer.of(mine), HeapBuffer.of(second));
        }
        memory.endPart(before);
        memory.beginPart();
        assertSame(HeapBuffer.of(first), HeapBuffer.of(memory.allocate(40, 64)));
        memory.close();
    }

    @Test
    void whatPartsGaveBackIsKeptForTheNextPass() {
        memory.begin();
        memory.beginPart();
        float[] large = memory.take(20 << 20);
        memory.endPart(memory.allocate(40, 64));
        memory.close();
        memory.begin();
        assertSame(large, memory.take(20 << 20));
        memory.close();
    }

    @Test
    void belongsToAPass() {
        assertThrows(IllegalStateException.class, () -> memory.allocate(1, 64));
        memory.begin();
        assertThrows(IllegalStateException.class, memory::begin);
        memory.close();
    }
}
