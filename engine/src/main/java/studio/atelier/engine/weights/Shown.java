package studio.atelier.engine.weights;

/** Text from a file made fit for a message: one line, not too long. */
final class Shown {
    private static final int MOST_CHARACTERS = 120;

    private Shown() {}

    static String text(String fromFile) {
        int length = Math.min(fromFile.length(), MOST_CHARACTERS);
        StringBuilder shown = new StringBuilder(length + 1);
        for (int i = 0; i < length; i++) {
            char c = fromFile.charAt(i);
            // Controls could move a terminal's cursor; format characters could turn the text around.
            boolean plain = !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
            shown.append(plain ? c : '?');
        }
        return length < fromFile.length() ? shown.append('…').toString() : shown.toString();
    }
}
