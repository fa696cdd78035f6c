package studio.atelier.engine.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class BenchReportTest {
    @Test
    void saysHowFarApartTheCoresAreWhereThatWasMeasured() throws Exception {
        BenchReport report =
                new BenchReport("model", "CPU", 1000, 500, Map.of(), List.of(line(1, Double.NaN), line(2, 190.4)));
        String[] heads = report.table()
                .lines()
                .filter(line -> line.contains("threads, context"))
                .toArray(String[]::new);
        assertEquals("1 threads, context 128", heads[0]);
        assertEquals("2 threads, context 128; from one core to another in 190 ns", heads[1]);
        JsonNode lines = new ObjectMapper().readTree(report.json()).path("measurements");
        assertFalse(lines.get(0).has("hand_over_nanoseconds"));
        assertTrue(lines.get(1).has("hand_over_nanoseconds"));
        assertEquals(190.4, lines.get(1).path("hand_over_nanoseconds").asDouble());
    }

    private static Measurement line(int threads, double handOverNanos) {
        return new Measurement(threads, 128, 128, 1, 1, 48, 1, 1, 500, handOverNanos, Map.of(), Map.of());
    }
}
