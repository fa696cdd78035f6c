package studio.atelier.cli;

import java.util.Locale;

/** How far something is, drawn with letters that every terminal has. */
final class ProgressBar {
    private static final int CELLS = 24;

    private ProgressBar() {}

    /** Such as {@code [######------------------]  25 %}. */
    static String of(long done, long total) {
        double part = total <= 0 ? 0 : Math.clamp((double) done / total, 0, 1);
        int full = (int) (part * CELLS);
        return String.format(
                Locale.ROOT, "[%s%s] %3d %%", "#".repeat(full), "-".repeat(CELLS - full), (int) (100 * part));
    }
}
