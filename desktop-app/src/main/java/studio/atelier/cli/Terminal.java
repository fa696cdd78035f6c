package studio.atelier.cli;

import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes, UTF-8 whatever the system's language.
 *
 * @param interactive whether a person sits at both ends
 */
record Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive) {
    private static final int BUFFER_BYTES = 1 << 13;

    /**
     * Where standard error goes instead of descriptor 2, which the scripts that start the program keep for the JVM's own
     * words. The installed one can't set properties, so it sets a variable.
     */
    private static final String ERROR_FILE = "atelier.stderr";

    private static final String ERROR_FILE_VARIABLE = "ATELIER_STDERR";

    /** The process's own streams. */
    static Terminal ofThisProcess() {
        Console console = System.console();
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                utf8(new FileOutputStream(FileDescriptor.out)),
                standardError(),
                console != null && console.isTerminal());
    }

    private static PrintStream standardError() {
        String file = System.getProperty(ERROR_FILE, System.getenv().getOrDefault(ERROR_FILE_VARIABLE, ""));
        if (!file.isEmpty()) {
            try {
                PrintStream err = utf8(new FileOutputStream(file, true));
                System.setErr(err);
                return err;
            } catch (IOException e) {
                // The script tried before that it can be opened; if not, at least the log has it.
                return utf8(new FileOutputStream(FileDescriptor.err));
            }
        }
        return utf8(new FileOutputStream(FileDescriptor.err));
    }

    private static PrintStream utf8(FileOutputStream stream) {
        return new PrintStream(new BufferedOutputStream(stream, BUFFER_BYTES), false, StandardCharsets.UTF_8);
    }

    /** All of standard input as text; bytes that are no UTF-8 become U+FFFD. */
    String readText() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Shows a piece of an answer at once. */
    void show(String text) {
        out.print(text);
        out.flush();
    }

    /** A line for the person, beside what the command gives. */
    void tell(String line) {
        out.flush();
        err.println(line);
        err.flush();
    }
}
