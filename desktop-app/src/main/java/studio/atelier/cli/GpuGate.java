package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.assets.Assets;
import studio.atelier.engine.GpuTrial;

/** Tests the GPU with this same program, started once more. */
public final class GpuGate {
    /** Real GPUs need seconds; the slowest that was seen, a simulated one on a busy machine, some minutes. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private GpuGate() {}

    /** The trial of this machine's GPU, its outcome kept in the data folder. */
    public static GpuTrial trial(Path dataFolder) {
        return new GpuTrial(dataFolder, Assets.version(), DEADLINE, GpuGate::start);
    }

    private static Process start(Path reportFile) throws IOException {
        List<String> command = thisProgram();
        command.addAll(List.of("selftest", "--report", reportFile.toString()));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** An installed program has a launcher that knows the rest; else it is a Java with a class path. */
    private static List<String> thisProgram() throws IOException {
        String executable = ProcessHandle.current()
                .info()
                .command()
                .orElseThrow(() -> new IOException("the system does not say which program this is"));
        List<String> command = new ArrayList<>(List.of(executable));
        Path name = Path.of(executable).getFileName();
        if (name != null && name.toString().startsWith("java")) {
            command.addAll(List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "--add-modules=jdk.incubator.vector",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "studio.atelier.app.Main"));
        }
        return command;
    }
}
