package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's ways to cut a text into pieces. */
final class TextSplitting {
    private TextSplitting() {}

    /** Cut at runs of white space, from the left; the rest stays whole after so many cuts, -1 for no limit. */
    static List<String> bySpace(String text, int cuts) {
        var pieces = new ArrayList<String>();
        int at = skipSpace(text, 0);
        while (at < text.length()) {
            if (cuts >= 0 && pieces.size() == cuts) {
                pieces.add(text.substring(at));
                return pieces;
            }
            int end = at;
            while (end < text.length() && !Characters.isSpace(text.charAt(end))) {
                end++;
            }
            pieces.add(text.substring(at, end));
            at = skipSpace(text, end);
        }
        return pieces;
    }

    private static int skipSpace(String text, int from) {
        int at = from;
        while (at < text.length() && Characters.isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** As {@link #bySpace}, cutting from the right. */
    static List<String> bySpaceFromRight(String text, int cuts) {
        var pieces = new ArrayList<String>();
        int end = Characters.stripRight(text).length();
        while (end > 0) {
            if (cuts >= 0 && pieces.size() == cuts) {
                pieces.addFirst(text.substring(0, end));
                return pieces;
            }
            int start = end;
            while (start > 0 && !Characters.isSpace(text.charAt(start - 1))) {
                start--;
            }
            pieces.addFirst(text.substring(start, end));
            end = Characters.stripRight(text.substring(0, start)).length();
        }
        return pieces;
    }

    static List<String> by(String separator, String text, int cuts) {
        checked(separator);
        var pieces = new ArrayList<String>();
        int from = 0;
        for (int at = text.indexOf(separator);
                at >= 0 && (cuts < 0 || pieces.size() < cuts);
                at = text.indexOf(separator, from)) {
            pieces.add(text.substring(from, at));
            from = at + separator.length();
        }
        pieces.add(text.substring(from));
        return pieces;
    }

    static List<String> byFromRight(String separator, String text, int cuts) {
        checked(separator);
        var pieces = new ArrayList<String>();
        int to = text.length();
        for (int at = text.lastIndexOf(separator);
                at >= 0 && (cuts < 0 || pieces.size() < cuts);
                at = text.lastIndexOf(separator, to - separator.length())) {
            pieces.add(text.substring(at + separator.length(), to));
            to = at;
            if (to < separator.length()) {
                break;
            }
        }
        pieces.add(text.substring(0, to));
        return pieces.reversed();
    }

    private static void checked(String separator) {
        if (separator.isEmpty()) {
            throw JinjaException.value("empty separator");
        }
    }

    /** Cut at every kind of line break. */
    static List<String> lines(String text, boolean keepEnds) {
        var lines = new ArrayList<String>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isLineBreak(c)) {
                int end = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
                lines.add(text.substring(from, keepEnds ? end : i));
                from = end;
                i = end - 1;
            }
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    private static boolean isLineBreak(char c) {
        return switch (c) {
            case '\n', '\r', 0x0B, '\f', 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }
}
