package studio.atelier.engine.generate;

import java.util.List;

/**
 * Ends an answer before the first of some texts, also when one arrives in pieces.
 *
 * <p>What might be the beginning of a stop text is held back until it is certain. Used by one thread.
 */
public final class StopMatcher {
    private final List<String> stopTexts;
    private String held = "";
    private boolean matched;

    /** Watches for these texts, none of them empty. */
    public StopMatcher(List<String> stopTexts) {
        this.stopTexts = List.copyOf(stopTexts);
    }

    /** Takes the next piece and returns what may be shown now; nothing more once a stop text was met. */
    public String accept(String piece) {
        if (matched) {
            return "";
        }
        String text = held + piece;
        int end = firstStop(text);
        if (end >= 0) {
            matched = true;
            held = "";
            return text.substring(0, end);
        }
        int certain = text.length() - longestBeginningAtEnd(text);
        held = text.substring(certain);
        return text.substring(0, certain);
    }

    /** The answer ended by itself: what was held back was no stop text after all. */
    public String flush() {
        String rest = held;
        held = "";
        return rest;
    }

    /** Whether a stop text was met. */
    public boolean matched() {
        return matched;
    }

    private int firstStop(String text) {
        int first = -1;
        for (String stop : stopTexts) {
            int at = text.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    private int longestBeginningAtEnd(String text) {
        int longest = 0;
        for (String stop : stopTexts) {
            for (int length = Math.min(stop.length() - 1, text.length()); length > longest; length--) {
                if (text.regionMatches(text.length() - length, stop, 0, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
