package studio.atelier.installers;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;

/** Runs the JDK's tools and the system's programs; one that fails ends the build with its own words. */
final class Tools {
    private Tools() {}

    /**
     * Runs one of the JDK's tools in this process.
     *
     * @return what it wrote
     * @throws IOException when it fails, with what it wrote
     */
    static String jdk(String name, List<String> arguments) throws IOException {
        ToolProvider tool = ToolProvider.findFirst(name)
                .orElseThrow(() -> new IOException("This Java has no " + name + "; a full JDK 25 is needed."));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = tool.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
        if (code != 0) {
            throw new IOException(name + " ended with " + code + ": " + out + err);
        }
        return out.toString();
    }

    /**
     * Runs a program and shows what it says.
     *
     * @throws IOException when it can't be started, ends with anything but 0 or takes longer
     */
    static void system(Path folder, long timeoutMinutes, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .inheritIO()
                .start();
        try {
            if (!process.waitFor(timeoutMinutes, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(command.getFirst() + " did not end within " + timeoutMinutes + " minutes.");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(command.getFirst() + " was interrupted.", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(command.getFirst() + " ended with " + process.exitValue() + ".");
        }
    }
}
