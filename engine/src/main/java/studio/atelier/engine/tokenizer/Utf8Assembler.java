package studio.atelier.engine.tokenizer;

/**
 * Text from bytes that come a few at a time. An unfinished character waits for its rest; bytes that cannot be part of
 * one become U+FFFD, one for each longest beginning of a character (Unicode 16, section 3.9, "U+FFFD substitution of
 * maximal subparts").
 */
final class Utf8Assembler {
    private int codePoint;
    private int missing;
    // The range the next continuation byte must lie in: narrower after E0, ED, F0 and F4.
    private int lowest;
    private int highest;

    /** Takes the bytes and appends the characters that are complete. */
    void append(byte[] bytes, StringBuilder out) {
        for (byte b : bytes) {
            int unit = b & 0xFF;
            if (missing > 0 && (unit < lowest || unit > highest)) {
                missing = 0;
                out.append('\uFFFD');
            }
            if (missing > 0) {
                codePoint = codePoint << 6 | unit & 0x3F;
                lowest = 0x80;
                highest = 0xBF;
                if (--missing == 0) {
                    out.appendCodePoint(codePoint);
                }
            } else {
                begin(unit, out);
            }
        }
    }

    /** Nothing follows: an unfinished character becomes U+FFFD. */
    void finish(StringBuilder out) {
        if (missing > 0) {
            missing = 0;
            out.append('\uFFFD');
        }
    }

    private void begin(int unit, StringBuilder out) {
        lowest = 0x80;
        highest = 0xBF;
        if (unit < 0x80) {
            out.append((char) unit);
        } else if (unit >= 0xC2 && unit <= 0xDF) {
            missing = 1;
            codePoint = unit & 0x1F;
        } else if (unit >= 0xE0 && unit <= 0xEF) {
            missing = 2;
            codePoint = unit & 0x0F;
            lowest = unit == 0xE0 ? 0xA0 : 0x80;
            highest = unit == 0xED ? 0x9F : 0xBF;
        } else if (unit >= 0xF0 && unit <= 0xF4) {
            missing = 3;
            codePoint = unit & 0x07;
            lowest = unit == 0xF0 ? 0x90 : 0x80;
            highest = unit == 0xF4 ? 0x8F : 0xBF;
        } else {
            out.append('\uFFFD');
        }
    }
}
