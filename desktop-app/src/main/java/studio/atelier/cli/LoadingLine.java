package studio.atelier.cli;

import java.util.Locale;
import java.util.function.Consumer;
import studio.atelier.engine.LoadProgress;

/** Shows a person how much of a model has been read, on a line that is wiped when all has. */
final class LoadingLine implements Consumer<LoadProgress> {
    /** Smaller models are there before anybody could read it. */
    private static final long SHOWN_FROM_BYTES = 200_000_000;

    private final Terminal terminal;

    private LoadingLine(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Nothing is shown where nobody looks. */
    static Consumer<LoadProgress> on(Terminal terminal) {
        return terminal.interactive() ? new LoadingLine(terminal) : _ -> {};
    }

    @Override
    public void accept(LoadProgress progress) {
        if (progress.totalBytes() < SHOWN_FROM_BYTES) {
            return;
        }
        boolean whole = progress.readBytes() == progress.totalBytes();
        String line = String.format(
                Locale.ROOT, "\rLoading: %.1f of %.1f GB", progress.readBytes() / 1e9, progress.totalBytes() / 1e9);
        terminal.err().print(whole ? "\r" + " ".repeat(line.length()) + "\r" : line);
        terminal.err().flush();
    }
}
