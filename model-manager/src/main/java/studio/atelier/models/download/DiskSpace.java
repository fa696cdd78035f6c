package studio.atelier.models.download;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;

/** Refuses before a disk is full, and says what a disk's failure means. */
public final class DiskSpace {
    private DiskSpace() {}

    /**
     * Refuses when a disk lacks room for this many more bytes and a twentieth on top.
     *
     * @param folder on the disk in question
     * @throws HubException {@link Reason#DISK_FULL} with both numbers
     */
    public static void check(Volume volume, Path folder, long neededBytes) throws IOException {
        long usable = volume.usableBytes(folder);
        long wanted = Math.addExact(neededBytes, neededBytes / 20);
        if (usable < wanted) {
            throw HubException.lasting(
                    Reason.DISK_FULL,
                    "The disk with " + folder + " has " + gigabytes(usable) + " free, and " + gigabytes(wanted)
                            + " are needed: free " + gigabytes(wanted - usable)
                            + " or choose another folder. What is here is kept.");
        }
    }

    /** A write that failed, in words. */
    public static HubException failed(Path file, IOException failure) {
        if (failure instanceof HubException known) {
            return known;
        }
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        boolean full = text.contains("no space")
                || text.contains("quota")
                || text.contains("too large")
                || text.contains("not enough space");
        return HubException.lasting(
                full ? Reason.DISK_FULL : Reason.DISK_FAILED,
                full
                        ? "The disk is full at " + file + ": free some space, then go on. What is here is kept."
                        : "The disk refuses to write " + file + " (" + failure.getMessage()
                                + "): check that it is connected and may be written, then go on. What is here is kept.",
                failure);
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
}
