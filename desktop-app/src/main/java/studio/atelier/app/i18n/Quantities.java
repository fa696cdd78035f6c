package studio.atelier.app.i18n;

import java.text.NumberFormat;
import java.util.Locale;

/** Numbers with their units, as the language of the window writes them. */
public final class Quantities {
    private static final double GIGABYTE = 1_000_000_000.0;
    private static final double MEGABYTE = 1_000_000.0;

    private final Messages messages;

    public Quantities(Messages messages) {
        this.messages = messages;
    }

    /** "131,072". */
    public String count(long value) {
        return NumberFormat.getIntegerInstance(messages.locale()).format(value);
    }

    /** "0.30", with exactly that many digits behind the point. */
    public String decimal(double value, int digits) {
        return String.format(messages.locale(), "%." + digits + "f", value);
    }

    /** Bytes on a disk, where a gigabyte is 10⁹: "352.0 GB", and "14.2 MB" below one gigabyte. */
    public String diskSize(long bytes) {
        return bytes >= GIGABYTE
                ? String.format(Locale.ROOT, "%.1f GB", bytes / GIGABYTE)
                : String.format(Locale.ROOT, "%.1f MB", bytes / MEGABYTE);
    }

    /** Two sizes of one kind, the unit said once and chosen by the larger: "214.6 of 352.0 GB". */
    public String partOfDiskSize(long part, long whole) {
        double unit = whole >= GIGABYTE ? GIGABYTE : MEGABYTE;
        String done = String.format(Locale.ROOT, "%.1f", Math.min(part, whole) / unit);
        return messages.text("quantity.of", done, diskSize(whole));
    }

    /** "21.3 tok/s". */
    public String tokensPerSecond(double rate) {
        String figure = rate >= 100 ? count(Math.round(rate)) : String.format(Locale.ROOT, "%.1f", rate);
        return messages.text("quantity.rate", figure);
    }

    /** "96 %" with a narrow space in English, "96%" in Chinese. */
    public String percent(double fraction) {
        return messages.text("quantity.percent", Math.round(fraction * 100));
    }

    /** Minutes and seconds: "0:31". */
    public String duration(long millis) {
        long seconds = Math.max(0, millis) / 1000;
        return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }
}
