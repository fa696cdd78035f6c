package studio.atelier.models.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fault case 30: clocks that are wrong, here or there. */
final class AnswersTest {
    private static Duration wait(String after, String date) {
        return Answers.wait(
                HttpHeaders.of(Map.of("Retry-After", List.of(after), "Date", List.of(date)), (_, _) -> true));
    }

    @Test
    void case30ServersClockCountsForItsOwnDates() {
        String now = "Wed, 01 Jan 2020 00:00:00 GMT";
        assertEquals(Duration.ofSeconds(8), wait("Wed, 01 Jan 2020 00:00:07 GMT", now));
        assertEquals(Duration.ZERO, wait("Tue, 31 Dec 2019 23:59:00 GMT", now));
        String later = "Thu, 01 Jan 2150 12:00:00 GMT";
        assertEquals(Duration.ofSeconds(31), wait("Thu, 01 Jan 2150 12:00:30 GMT", later));
    }

    @Test
    void aDateThatIsNoneIsNoWait() {
        assertNull(wait("soon", "Wed, 01 Jan 2020 00:00:00 GMT"));
        assertNull(wait("Wed, 01 Jan 2020 00:00:07 GMT", "today"));
    }
}
