package studio.atelier.engine.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks for the first of several markers in a text that is still growing. */
record Markers(List<String> all) {
    /** A marker and where it stands. */
    record Found(String marker, int at) {}

    /** The first marker; of two at one place the longer one. */
    @Nullable
    Found find(CharSequence text) {
        String growing = text.toString();
        Found found = null;
        for (String marker : all) {
            int at = growing.indexOf(marker);
            boolean better = at >= 0
                    && (found == null
                            || at < found.at()
                            || (at == found.at()
                                    && marker.length() > found.marker().length()));
            if (better) {
                found = new Found(marker, at);
            }
        }
        return found;
    }

    /** Where the part at the end begins that may still become a marker; the text's length when none may. */
    int begunAt(CharSequence text) {
        int earliest = text.length();
        String growing = text.toString();
        for (String marker : all) {
            int longest = Math.min(marker.length() - 1, growing.length());
            for (int length = longest; length > growing.length() - earliest; length--) {
                if (growing.endsWith(marker.substring(0, length))) {
                    earliest = growing.length() - length;
                }
            }
        }
        return earliest;
    }
}
