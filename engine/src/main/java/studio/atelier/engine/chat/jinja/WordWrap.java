package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** Breaks a paragraph into lines of at most so many characters, at spaces, after hyphens, or inside long words. */
record WordWrap(int width, boolean breakLongWords, boolean breakOnHyphens) {
    WordWrap {
        if (width <= 0) {
            throw JinjaException.value("invalid width " + width + " (must be > 0)");
        }
    }

    List<String> lines(String paragraph) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (String chunk : chunks(paragraph)) {
            boolean space = chunk.isBlank();
            if (space && line.isEmpty() && !lines.isEmpty()) {
                continue;
            }
            String rest = chunk;
            if (line.length() + rest.length() > width && !line.isEmpty() && rest.length() <= width) {
                finish(line, lines);
                if (space) {
                    continue;
                }
            }
            while (line.length() + rest.length() > width) {
                int room = width - line.length();
                if (breakLongWords && room > 0) {
                    line.append(rest, 0, room);
                    rest = rest.substring(room);
                } else if (line.isEmpty()) {
                    break;
                }
                finish(line, lines);
            }
            line.append(rest);
        }
        finish(line, lines);
        return lines;
    }

    private static void finish(StringBuilder line, List<String> lines) {
        String text = Characters.stripRight(line.toString());
        if (!text.isEmpty()) {
            lines.add(text);
        }
        line.setLength(0);
    }

    /** Words and the spaces between them; a hyphen between letters ends a chunk. */
    private List<String> chunks(String paragraph) {
        var chunks = new ArrayList<String>();
        int start = 0;
        for (int i = 1; i <= paragraph.length(); i++) {
            boolean end = i == paragraph.length()
                    || Characters.isSpace(paragraph.charAt(i)) != Characters.isSpace(paragraph.charAt(i - 1))
                    || (breakOnHyphens && isHyphenBreak(paragraph, i));
            if (end) {
                chunks.add(paragraph.substring(start, i));
                start = i;
            }
        }
        return chunks;
    }

    private static boolean isHyphenBreak(String text, int at) {
        return text.charAt(at - 1) == '-'
                && at >= 3
                && Character.isLetter(text.charAt(at - 2))
                && Character.isLetter(text.charAt(at - 3))
                && at + 1 < text.length()
                && Character.isLetter(text.charAt(at))
                && (Character.isLetter(text.charAt(at + 1)) || text.charAt(at + 1) == '-');
    }
}
