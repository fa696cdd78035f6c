package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.StoredTensor;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.hostile.GoldenHub;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.Snapshot;

/** A model that is quantized while it arrives is the one that is quantized afterwards, byte for byte, kills or not. */
final class ArrivingQuantizerTest {
    private static final Path GOLDEN = Path.of("..", "engine", "src", "test", "resources", "golden");
    private static final int SHARDS = 7;

    @TempDir
    private Path folder;

    private static HostileHub hub(String model, Path scratch) throws Exception {
        return GoldenHub.of(model, scratch, SHARDS);
    }

    private static Path afterwards(String model, Path target) throws Exception {
        FolderQuantizer.quantize(GOLDEN.resolve(model).resolve("hf"), target, Recipe.usual(), 100_000, _ -> {});
        return target;
    }

    private static Map<String, String> hashes(Path folder) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                hashes.put(file.getFileName().toString(), HostileHub.sha256(Files.readAllBytes(file)));
            }
        }
        return hashes;
    }

    /** As in the other program too. */
    static void quantize(Visitor visitor, Path target) throws IOException, InterruptedException, EngineException {
        Snapshot snapshot = visitor.pin();
        new ArrivingQuantizer(visitor.downloader(), Recipe.usual(), 100_000)
                .quantize(snapshot, Wanted.of(snapshot, Optional.empty()), target, (_, _) -> {}, _ -> {});
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek_v3", "deepseek_v2", "qwen3_moe"})
    void sameTensorsAsAfterwards(String model) throws Exception {
        Path target = folder.resolve("made");
        List<ArrivingQuantizer.Event> events = java.util.Collections.synchronizedList(new ArrayList<>());
        Path passing = ArrivingQuantizer.workFolder(target).resolve("passing");
        AtomicInteger most = new AtomicInteger();
        List<QuantizationError> errors = new ArrayList<>();
        try (HostileHub hub = hub(model, folder);
                Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"))) {
            Snapshot snapshot = visitor.pin();
            new ArrivingQuantizer(visitor.downloader(), Recipe.usual(), 100_000)
                    .quantize(
                            snapshot,
                            Wanted.of(snapshot, Optional.empty()),
                            target,
                            (_, measured) -> errors.addAll(measured.values()),
                            event -> {
                                events.add(event);
                                most.accumulateAndGet(weightsIn(passing), Math::max);
                            });
            assertTrue(hub.seen().stream().noneMatch(request -> request.target().contains(".py")));
        }
        assertEquals(2, most.get(), "files of weights on the disk at one time");
        Path other = afterwards(model, folder.resolve("afterwards"));
        try (ModelFiles expected = ModelFiles.open(other);
                ModelFiles got = ModelFiles.open(target)) {
            assertEquals(expected.tensors().keySet(), got.tensors().keySet());
            for (StoredTensor tensor : expected.tensors().values()) {
                StoredTensor mine = got.tensor(tensor.name());
                assertEquals(tensor.dtype(), mine.dtype(), tensor.name());
                assertEquals(-1, tensor.bytes().mismatch(mine.bytes()), tensor.name());
            }
        }
        assertFalse(Files.exists(ArrivingQuantizer.workFolder(target)), "something was left");
        assertFalse(errors.isEmpty());
        for (QuantizationError error : errors) {
            assertTrue(error.relativeRms() > 0.002 && error.relativeRms() < 0.2, "error " + error.relativeRms());
        }
        assertEquals(
                SHARDS,
                events.stream()
                        .filter(ArrivingQuantizer.Event.ShardDone.class::isInstance)
                        .count());
    }

    private static int weightsIn(Path passing) {
        try (Stream<Path> files = Files.walk(passing)) {
            return (int) files.filter(file -> file.getFileName().toString().matches("[0-9a-f]{64}(\\.atelier-part)?"))
                    .count();
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0;
        }
    }

    @Test
    void killedAtAnyMoment() throws Exception {
        int kills = Integer.getInteger("atelier.kills", 5);
        Random moment = new Random(kills);
        Path undisturbed = folder.resolve("undisturbed");
        int killed = 0;
        int finished = 0;
        try (HostileHub hub = hub("deepseek_v3", folder)) {
            try (Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"))) {
                quantize(visitor, undisturbed);
            }
            Map<String, String> expected = hashes(undisturbed);
            hub.setFault(request -> {
                if (request.isRange()) {
                    pause(3);
                }
                return false;
            });
            int round = 0;
            while (killed < kills || finished == 0) {
                Path target = folder.resolve("killed" + round);
                hub.forget();
                Process process = child(hub, folder.resolve("cache" + round), target);
                int after = killed < kills ? moment.nextInt(60) : Integer.MAX_VALUE;
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(600);
                while (process.isAlive() && hub.ranges().size() < after && System.nanoTime() < deadline) {
                    Thread.sleep(1);
                }
                Thread.sleep(killed < kills ? moment.nextInt(60) : 0);
                if (process.isAlive()) {
                    process.destroyForcibly().waitFor();
                    killed++;
                } else {
                    assertEquals(0, process.exitValue());
                    assertEquals(expected, hashes(target), "round " + round + " after " + killed + " kills");
                    assertFalse(Files.exists(ArrivingQuantizer.workFolder(target)), "something was left");
                    finished++;
                    round++;
                }
            }
        }
    }

    @Test
    void workOfAModelThatIsThereIsRemoved() throws Exception {
        Path target = Files.createDirectory(folder.resolve("made"));
        Path work = Files.createDirectories(ArrivingQuantizer.workFolder(target).resolve("passing"));
        Files.writeString(work.resolve("weights"), "left by a program that was killed before it could remove this");
        try (HostileHub hub = hub("qwen3_moe", folder);
                Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"))) {
            quantize(visitor, target);
        }
        assertFalse(Files.exists(ArrivingQuantizer.workFolder(target)));
        assertTrue(Files.isDirectory(target));
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Process child(HostileHub hub, Path cache, Path target) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledQuantizer.class.getName(),
                        hub.endpoint().toString(),
                        cache.toString(),
                        target.toString())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void borrowedScalesMustBeThoseOfTheFile() throws Exception {
        Path target = folder.resolve("made");
        try (HostileHub hub = hub("deepseek_v3", folder);
                Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"))) {
            AtomicInteger lies = new AtomicInteger();
            hub.setFault(request -> {
                // Scales are asked for alone: a few bytes from the middle of a file.
                String range = request.header("Range").orElse("");
                if (!request.isRange() || !range.matches("bytes=\\d+-\\d+")) {
                    return false;
                }
                long first = request.first();
                long last = Long.parseLong(range.substring(range.indexOf('-') + 1));
                if (first == 0 || last - first > 200) {
                    return false;
                }
                byte[] content = hub.content(request.path().substring(1)).clone();
                content[(int) first] ^= 1;
                lies.incrementAndGet();
                HostileHub.range(request, content);
                return true;
            });
            HubException refusal = assertThrows(HubException.class, () -> quantize(visitor, target));
            assertTrue(lies.get() > 0, "no file was cut between a matrix and its scales");
            assertEquals(HubException.Reason.CORRUPT, refusal.reason(), refusal.getMessage());
        }
        assertFalse(Files.exists(target));
    }

    @Test
    void refusesBeforeTheWeightsCome() throws Exception {
        try (HostileHub hub = hub("qwen3_moe", folder);
                Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"))) {
            String config = new String(hub.content("config.json")).replace("qwen3_moe", "unheard_of");
            hub.with("config.json", config.getBytes());
            EngineException refusal =
                    assertThrows(EngineException.class, () -> quantize(visitor, folder.resolve("made")));
            assertTrue(refusal.getMessage().contains("unheard_of"), refusal.getMessage());
            assertTrue(hub.ranges().size() <= 2 * SHARDS, hub.ranges().toString());
        }
    }

    @Test
    void headerBombsAreRefused() throws Exception {
        for (String length : List.of("ffffffffffffff7f", "0100000000000000", "40787d0100000000", "ffffff0000000000")) {
            try (HostileHub hub = hub("qwen3_moe", folder);
                    Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache" + length))) {
                String name = "model-00003-of-00007.safetensors";
                byte[] bomb = hub.content(name).clone();
                System.arraycopy(HexFormat.of().parseHex(length), 0, bomb, 0, 8);
                hub.with(name, bomb);
                HubException refusal =
                        assertThrows(HubException.class, () -> quantize(visitor, folder.resolve("made")));
                assertTrue(refusal.getMessage().contains("announces a header of"), refusal.getMessage());
            }
        }
    }
}
