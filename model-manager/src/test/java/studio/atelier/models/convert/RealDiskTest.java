package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.hostile.GoldenHub;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.SmallDisk;
import studio.atelier.models.hostile.Visitor;

/** Fault case 20 on a real disk: somebody else fills it while bytes come, then it is write-protected, then it has room. */
final class RealDiskTest {
    private static final String STEPS = """
            ( while [ ! -e "$signals/fill" ]; do sleep 0.02; done
              head -c 100m /dev/zero > "$disk/others" 2> /dev/null; touch "$signals/filled" ) &
            "$@"; echo "full $?"
            mount -o remount,ro "$disk"
            "$@"; echo "protected $?"
            mount -o remount,rw,size=100m "$disk"
            "$@"; echo "room $?"
            """;

    @TempDir
    private Path folder;

    private Path disk;
    private Path signals;

    @BeforeEach
    void open() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        signals = Files.createDirectory(folder.resolve("signals"));
        assumeTrue(SmallDisk.isPossible(disk), "no disks of one's own here");
    }

    /** Has the disk filled before the nth range is answered. */
    private void fillAt(HostileHub hub, int range) {
        AtomicInteger ranges = new AtomicInteger();
        hub.setFault(request -> {
            if (request.isRange() && ranges.incrementAndGet() == range) {
                Files.createFile(signals.resolve("fill"));
            }
            while (ranges.get() >= range && !Files.exists(signals.resolve("filled"))) {
                Thread.onSpinWait();
            }
            return false;
        });
    }

    private String run(int kilobytes, String afterwards, Class<?> program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return SmallDisk.run(disk, kilobytes, "signals='" + signals + "'\n" + STEPS + afterwards, command);
    }

    private static void saysWhatHappened(String printed) {
        List<String> lines = printed.lines()
                .filter(line -> line.matches("(DISK_FULL|DISK_FAILED|full|protected|room).*"))
                .toList();
        assertEquals(5, lines.size(), printed);
        assertTrue(lines.get(0).matches("DISK_FULL: The disk is full at .*go on\\..* is kept\\."), printed);
        assertEquals("full 7", lines.get(1), printed);
        assertTrue(lines.get(2).matches("DISK_FAILED: The disk refuses to write .*go on\\..* is kept\\."), printed);
        assertEquals("protected 7", lines.get(3), printed);
        assertEquals("room 0", lines.get(4), printed);
    }

    @Test
    void case20Download() throws Exception {
        byte[] weights = new byte[300_000];
        new Random(20).nextBytes(weights);
        try (HostileHub hub = new HostileHub().with("model.safetensors", weights)) {
            hub.with("config.json", "{}".getBytes());
            fillAt(hub, 12);
            String printed = run(
                    600,
                    "cat \"$disk\"/cache/models--*/snapshots/*/model.safetensors | sha256sum",
                    Class.forName("studio.atelier.models.download.KilledDownload"),
                    hub.endpoint().toString(),
                    disk.resolve("cache").toString());
            saysWhatHappened(printed);
            assertTrue(printed.contains(HostileHub.sha256(weights)), printed);
            assertTrue(hub.ranges().size() < 2 * 300_000 / Visitor.PART_BYTES, "parts were downloaded again");
        }
    }

    @Test
    void case20QuantizeWhileDownloading() throws Exception {
        Path undisturbed = folder.resolve("undisturbed");
        try (HostileHub hub = GoldenHub.of("deepseek_v3", folder, 7)) {
            try (Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"))) {
                ArrivingQuantizerTest.quantize(visitor, undisturbed);
            }
            hub.forget();
            fillAt(hub, 60);
            String printed = run(
                    4_000,
                    "cd \"$disk/made\" && sha256sum *",
                    KilledQuantizer.class,
                    hub.endpoint().toString(),
                    disk.resolve("cache").toString(),
                    disk.resolve("made").toString());
            saysWhatHappened(printed);
            try (Stream<Path> files = Files.list(undisturbed)) {
                for (Path file : files.toList()) {
                    String line = HostileHub.sha256(Files.readAllBytes(file)) + "  " + file.getFileName();
                    assertTrue(printed.contains(line), line + " is missing in " + printed);
                }
            }
        }
    }
}
