package studio.atelier.models.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A disk of its own in memory, as small as is wanted, that a script can fill, write-protect and enlarge. Made in a
 * namespace, which needs no rights on Linux where that is allowed; everything on it is gone with the script.
 */
public final class SmallDisk {
    private static final List<String> NAMESPACE = List.of("unshare", "--user", "--map-root-user", "--mount");

    private SmallDisk() {}

    /** Whether this machine lets anybody have one. */
    public static boolean isPossible(Path folder) throws IOException, InterruptedException {
        try {
            return run(folder, 100, "true", List.of()).contains("done");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Runs a script with the disk.
     *
     * @param disk an empty folder; the disk is there for the script only, which knows it as {@code $disk}
     * @param script for {@code bash}; the program is {@code "$@"}
     * @return what it printed, and {@code done} at the end
     */
    public static String run(Path disk, int kilobytes, String script, List<String> program)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("small-disk", ".txt");
        List<String> command = new ArrayList<>(NAMESPACE);
        command.addAll(List.of(
                "bash",
                "-c",
                "disk=$1; shift; mount -t tmpfs -o size=" + kilobytes + "k tmpfs \"$disk\" || exit 99\n" + script
                        + "\necho done",
                "bash",
                disk.toString()));
        command.addAll(program);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(600, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("the script hangs: " + Files.readString(output, StandardCharsets.UTF_8));
        }
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        Files.delete(output);
        return printed;
    }
}
