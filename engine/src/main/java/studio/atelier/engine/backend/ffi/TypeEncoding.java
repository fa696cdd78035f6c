package studio.atelier.engine.backend.ffi;

/**
 * The runtime's description of a method's types, reduced to how they are passed. Source: Apple's Objective-C Runtime
 * Programming Guide, Type Encodings.
 */
final class TypeEncoding {
    private TypeEncoding() {}

    /** One letter per type: P pointer, L 64-bit integer, I smaller integer, D double, F float, B bool, v nothing. */
    static String passing(String encoding) {
        StringBuilder letters = new StringBuilder();
        int at = 0;
        while (at < encoding.length()) {
            char c = encoding.charAt(at);
            switch (c) {
                // Offsets in the frame, and qualifiers such as const and out.
                case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'r', 'n', 'N', 'o', 'O', 'R', 'V', '?' -> at++;
                case '@', '#', ':', '*' -> {
                    letters.append('P');
                    at++;
                    // A class name in quotation marks may follow.
                    if (at < encoding.length() && encoding.charAt(at) == '"') {
                        at = encoding.indexOf('"', at + 1) + 1;
                    }
                }
                case '^' -> {
                    letters.append('P');
                    at = pointee(encoding, at + 1);
                }
                case '{' -> {
                    int end = closing(encoding, at);
                    int fields = encoding.indexOf('=', at);
                    letters.append('{')
                            .append(passing(encoding.substring(fields + 1, end)))
                            .append('}');
                    at = end + 1;
                }
                default -> {
                    letters.append(
                            switch (c) {
                                case 'q', 'Q', 'l', 'L' -> 'L';
                                case 'i', 'I', 's', 'S', 'C' -> 'I';
                                // BOOL was a signed char before arm64.
                                case 'B', 'c' -> 'B';
                                case 'd' -> 'D';
                                case 'f' -> 'F';
                                default -> c;
                            });
                    at++;
                }
            }
        }
        return letters.toString();
    }

    private static int pointee(String encoding, int at) {
        int start = at;
        while (start < encoding.length() && (encoding.charAt(start) == '^' || encoding.charAt(start) == 'r')) {
            start++;
        }
        return start < encoding.length() && encoding.charAt(start) == '{' ? closing(encoding, start) + 1 : start + 1;
    }

    private static int closing(String encoding, int open) {
        int depth = 0;
        for (int i = open; i < encoding.length(); i++) {
            depth += encoding.charAt(i) == '{' ? 1 : encoding.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return encoding.length() - 1;
    }
}
