package studio.atelier.models.hub;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which names from a hub may become files here. A name must mean the same on every system: one that Windows reads as a
 * drive, a device or a way upwards is refused on Linux too, because disks and caches travel.
 */
public final class FileNames {
    private static final int LONGEST_SEGMENT_BYTES = 255;
    private static final int LONGEST_PATH = 1024;
    private static final Set<String> DEVICES = Set.of(
            "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1",
            "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "conin$", "conout$");

    private FileNames() {}

    /**
     * Refuses a path that could leave its folder or hit another file.
     *
     * @throws HubException {@link HubException.Reason#NAME_REFUSED}
     */
    public static void check(String path) throws HubException {
        if (path.isEmpty() || path.length() > LONGEST_PATH) {
            throw refused(path, "is empty or longer than " + LONGEST_PATH + " characters");
        }
        // The second part catches \\?\ and a drive behind a slash: both separators are taken for one.
        for (String segment : path.replace('\\', '/').split("/", -1)) {
            checkSegment(path, segment);
        }
        if (path.indexOf('\\') >= 0) {
            throw refused(path, "holds a backslash");
        }
    }

    private static void checkSegment(String path, String segment) throws HubException {
        if (segment.isEmpty()) {
            throw refused(path, "begins at the root or has an empty folder name");
        }
        if (segment.equals(".") || segment.equals("..")) {
            throw refused(path, "leads to another folder");
        }
        if (segment.chars().anyMatch(c -> c < ' ' || c == 0x7F || "<>:\"|?*".indexOf(c) >= 0)) {
            throw refused(path, "holds a character that not every system allows");
        }
        if (segment.endsWith(".") || segment.endsWith(" ") || segment.startsWith(" ")) {
            throw refused(path, "begins with a space, or ends with a space or a point");
        }
        if (segment.getBytes(StandardCharsets.UTF_8).length > LONGEST_SEGMENT_BYTES) {
            throw refused(path, "is longer than " + LONGEST_SEGMENT_BYTES + " bytes");
        }
        int point = segment.indexOf('.');
        String stem = (point < 0 ? segment : segment.substring(0, point))
                .stripTrailing()
                .toLowerCase(Locale.ROOT);
        if (DEVICES.contains(stem)) {
            throw refused(path, "names a device");
        }
    }

    /**
     * Refuses two paths that some file systems take for one: by case, or by the way accents are spelled.
     *
     * @throws HubException {@link HubException.Reason#NAME_REFUSED}
     */
    public static void checkDistinct(List<String> paths) throws HubException {
        Map<String, String> seen = new HashMap<>();
        for (String path : paths) {
            String folded = Normalizer.normalize(path, Normalizer.Form.NFC)
                    .toUpperCase(Locale.ROOT)
                    .toLowerCase(Locale.ROOT);
            String twin = seen.putIfAbsent(folded, path);
            if (twin != null) {
                throw refused(path, "is the same file as " + shown(twin) + " on some disks");
            }
        }
    }

    private static HubException refused(String path, String why) {
        return HubException.lasting(
                HubException.Reason.NAME_REFUSED,
                "The repository names a file " + shown(path) + ", which " + why + "; nothing of it was written.");
    }

    /** Fit for a message: one line, not too long. */
    static String shown(String fromHub) {
        StringBuilder shown = new StringBuilder("\"");
        fromHub.codePoints().limit(80).forEach(c -> {
            boolean plain = !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
            shown.appendCodePoint(plain ? c : '?');
        });
        return shown.append(fromHub.length() > 80 ? "…\"" : "\"").toString();
    }
}
