package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hub.ContentHash;

/** The hash that follows parts as they come, in whatever order. */
@Timeout(60)
final class ArrivalsTest {
    private static final int PART_BYTES = 1_000_000;
    private static final int SIZE = 2_500_000;

    @TempDir
    private Path folder;

    private final byte[] content = new byte[SIZE];

    private PartFile open(String hash) throws Exception {
        return PartFile.open(Volume.REAL, folder.resolve("part"), hash, SIZE, PART_BYTES);
    }

    private void arrive(Arrivals arrivals, PartFile.Part part) throws Exception {
        part.write(ByteBuffer.wrap(content, (int) part.firstByte(), (int) (part.lastByte() - part.firstByte() + 1)));
        arrivals.add(part);
    }

    @Test
    void hashesWhatIsThereInOrder() throws Exception {
        new Random(3).nextBytes(content);
        for (ContentHash hash : List.of(
                ContentHash.of(HostileHub.sha256(content)).orElseThrow(),
                ContentHash.of(HostileHub.gitHash(content)).orElseThrow())) {
            try (PartFile parts = open(hash.hex());
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<PartFile.Part> missing = parts.missing();
                assertEquals(3, missing.size());
                Arrivals arrivals = new Arrivals(parts, missing);
                Future<Optional<ContentHash>> following = threads.submit(() -> arrivals.hash(hash));
                arrive(arrivals, missing.get(1));
                arrive(arrivals, missing.get(2));
                assertThrows(TimeoutException.class, () -> following.get(50, TimeUnit.MILLISECONDS));
                arrive(arrivals, missing.get(0));
                assertEquals(Optional.of(hash), following.get());
            }
        }
    }

    @Test
    void partsOfAnEarlierAttemptAreHashedToo() throws Exception {
        new Random(4).nextBytes(content);
        ContentHash hash = ContentHash.of(HostileHub.sha256(content)).orElseThrow();
        try (PartFile parts = open(hash.hex())) {
            List<PartFile.Part> missing = parts.missing();
            Arrivals arrivals = new Arrivals(parts, missing);
            arrive(arrivals, missing.get(0));
            arrive(arrivals, missing.get(2));
            arrivals.end();
            arrivals.settle(() -> {});
            assertEquals(Optional.empty(), arrivals.hash(hash), "a part is missing");
        }
        try (PartFile parts = open(hash.hex())) {
            List<PartFile.Part> missing = parts.missing();
            assertEquals(List.of(1), missing.stream().map(PartFile.Part::index).toList());
            Arrivals arrivals = new Arrivals(parts, missing);
            arrive(arrivals, missing.getFirst());
            assertEquals(Optional.of(hash), arrivals.hash(hash));
            byte[] other = Arrays.copyOf(content, SIZE);
            other[SIZE - 1]++;
            assertFalse(arrivals.hash(ContentHash.of(HostileHub.sha256(other)).orElseThrow())
                    .equals(ContentHash.of(HostileHub.sha256(other))));
        }
    }
}
