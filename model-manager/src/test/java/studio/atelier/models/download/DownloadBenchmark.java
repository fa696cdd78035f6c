package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.hub.ContentHash;
import studio.atelier.models.hub.HubHttp;
import studio.atelier.models.hub.HubSettings;
import studio.atelier.models.hub.HuggingFaceHub;
import studio.atelier.models.hub.Pauses;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;

/**
 * A download over the loopback beside curl's, at four connections each, taking turns: {@code ./mvnw -pl model-manager -am
 * test -Dtest=DownloadBenchmark -Datelier.benchmark=true -Dsurefire.failIfNoSpecifiedTests=false}. It prints megabytes
 * per second and the processor's seconds of each round and judges nothing.
 */
final class DownloadBenchmark {
    private static final long SIZE_BYTES = Long.getLong("atelier.benchmark.bytes", 2L << 30);
    private static final int CONNECTIONS = 4;
    private static final Downloader.Options OPTIONS = new Downloader.Options(
            Long.getLong("atelier.benchmark.part", Downloader.Options.USUAL.partBytes()), CONNECTIONS);
    private static final int ROUNDS = Integer.getInteger("atelier.benchmark.rounds", 5);
    private static final Volume UNFORCED = new Volume() {
        @Override
        public void force(FileChannel channel) {}
    };

    @TempDir
    private Path folder;

    private final Map<String, List<Double>> speeds = new TreeMap<>();
    private final Map<String, List<Double>> costs = new TreeMap<>();

    @Test
    void besideCurl() throws Exception {
        assumeTrue(Boolean.getBoolean("atelier.benchmark"), "only when asked for");
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BenchmarkServer.class.getName(),
                        String.valueOf(SIZE_BYTES))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String endpoint = "http://127.0.0.1:" + says.readLine();
            ContentHash hash = hashOfZeros();
            try (HubHttp http = new HubHttp(HubSettings.of(URI.create(endpoint)))) {
                HuggingFaceHub hub = new HuggingFaceHub(http);
                for (int round = 0; round < ROUNDS; round++) {
                    curl("curl", endpoint, "");
                    curl("curl, then its SHA-256 by openssl", endpoint, "cat curl? | openssl dgst -sha256 > hash\n");
                    tell("atelier: parts alone", () -> parts(hub, UNFORCED));
                    tell("atelier: durable parts", () -> parts(hub, Volume.REAL));
                    tell("atelier: durable, hashed, in its place", () -> whole(hub, hash));
                }
            }
        } finally {
            server.destroy();
        }
        double curl = median(speeds.get("curl"));
        speeds.forEach((name, all) -> System.out.printf(
                "%-40s %6.0f MB/s in the middle, %.2f of curl, at best %.0f; %.2f s on a core for each GB%n",
                name, median(all), median(all) / curl, Collections.max(all), median(costs.get(name))));
    }

    private interface Task {
        void run() throws Exception;
    }

    /** Runs a task of this program. */
    private void tell(String name, Task task) throws Exception {
        Duration before = used();
        long begun = System.nanoTime();
        task.run();
        tell(name, begun, used().minus(before).toMillis() / 1e3);
    }

    private void tell(String name, long begun, double cpuSeconds) throws IOException {
        double seconds = (System.nanoTime() - begun) / 1e9;
        double speed = SIZE_BYTES / 1e6 / seconds;
        speeds.computeIfAbsent(name, _ -> new ArrayList<>()).add(speed);
        costs.computeIfAbsent(name, _ -> new ArrayList<>()).add(cpuSeconds / (SIZE_BYTES / 1e9));
        System.out.printf("%-40s %6.0f MB/s, %5.2f s, on a core %5.2f s%n", name, speed, seconds, cpuSeconds);
        empty();
    }

    /** What is gone needn't be written to the disk while the next one is measured. */
    private void empty() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(folder)) {
                    Files.delete(file);
                }
            }
        }
    }

    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    private static double median(List<Double> all) {
        return all.stream().sorted().skip(all.size() / 2).findFirst().orElseThrow();
    }

    private static ContentHash hashOfZeros() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] zeros = new byte[1 << 20];
        for (long at = 0; at < SIZE_BYTES; at += zeros.length) {
            digest.update(zeros, 0, (int) Math.min(zeros.length, SIZE_BYTES - at));
        }
        return new ContentHash(ContentHash.Kind.SHA256, HexFormat.of().formatHex(digest.digest()));
    }

    /** Four of them in a shell, which says what they and what is done then cost. */
    private void curl(String name, String endpoint, String then) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < CONNECTIONS; i++) {
            long first = SIZE_BYTES / CONNECTIONS * i;
            long last = SIZE_BYTES / CONNECTIONS * (i + 1) - 1;
            script.append("curl -sf -r " + first + "-" + last + " -o curl" + i + " " + endpoint
                    + "/file & ids=\"$ids $!\"\n");
        }
        script.append("for id in $ids; do wait $id || exit 1; done\n" + then + "times\n");
        long begun = System.nanoTime();
        Process shell = new ProcessBuilder("bash", "-c", script.toString())
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String times = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, shell.waitFor(), times);
        // The last line is the children's: minutes and seconds in the program, then in the system.
        double cpuSeconds = 0;
        for (String time : times.lines().toList().getLast().split(" ")) {
            String[] parts = time.split("[ms]");
            cpuSeconds += 60 * Double.parseDouble(parts[0]) + Double.parseDouble(parts[1]);
        }
        tell(name, begun, cpuSeconds);
    }

    private static Snapshot snapshot(ContentHash hash) {
        RepoFile file = new RepoFile("file", SIZE_BYTES, Optional.of(hash), Optional.empty());
        return new Snapshot(new RepoId("a", "b"), "main", BenchmarkServer.COMMIT, List.of(file));
    }

    /** The bytes of a file into parts of it, as curl has them then, in any order and not hashed. */
    private void parts(HuggingFaceHub hub, Volume volume) throws IOException, InterruptedException {
        ContentHash hash = new ContentHash(ContentHash.Kind.SHA256, "f".repeat(64));
        Snapshot snapshot = snapshot(hash);
        RepoFile file = snapshot.files().getFirst();
        Path part = folder.resolve("parts");
        Downloader downloader = new Downloader(hub, HubCache.at(folder), volume, OPTIONS, Pauses.REAL);
        var transfer = new FileTransfer(
                hub,
                snapshot,
                file,
                hash,
                OPTIONS,
                downloader.retries("file", TransferEvent.IGNORED),
                TransferEvent.IGNORED);
        try (PartFile parts = PartFile.open(volume, part, hash.hex(), SIZE_BYTES, OPTIONS.partBytes())) {
            List<PartFile.Part> missing = parts.missing();
            transfer.bring(hub.locate(snapshot, file), missing, new Arrivals(parts, missing));
        }
    }

    private void whole(HuggingFaceHub hub, ContentHash hash) throws IOException, InterruptedException {
        Snapshot snapshot = snapshot(hash);
        HubCache cache = HubCache.at(folder.resolve("cache"));
        new Downloader(hub, cache, Volume.REAL, OPTIONS, Pauses.REAL)
                .fetch(snapshot, snapshot.files().getFirst(), TransferEvent.IGNORED);
    }
}
