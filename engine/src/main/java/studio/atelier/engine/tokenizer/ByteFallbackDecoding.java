package studio.atelier.engine.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Tokens {@code <0x00>} to {@code <0xFF>} back to text. A run of them is either UTF-8 as a whole or, as in the
 * reference, one U+FFFD for every byte: only the end of the run tells, so a run is held back until then.
 */
final class ByteFallbackDecoding implements TextSink {
    private final TextSink target;
    private final StringBuilder token = new StringBuilder();
    private final ByteArrayOutputStream run = new ByteArrayOutputStream();

    ByteFallbackDecoding(TextSink target) {
        this.target = target;
    }

    @Override
    public void text(String part) {
        token.append(part);
    }

    @Override
    public void endToken() {
        int value = byteOf(token);
        if (value >= 0) {
            run.write(value);
        } else {
            endRun();
            target.text(token.toString());
            target.endToken();
        }
        token.setLength(0);
    }

    @Override
    public void end() {
        endRun();
        target.end();
    }

    private void endRun() {
        if (run.size() == 0) {
            return;
        }
        byte[] bytes = run.toByteArray();
        run.reset();
        try {
            target.text(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
            target.endToken();
        } catch (CharacterCodingException e) {
            for (int i = 0; i < bytes.length; i++) {
                target.text("\uFFFD");
                target.endToken();
            }
        }
    }

    private static int byteOf(StringBuilder token) {
        boolean shaped = token.length() == 6
                && token.charAt(0) == '<'
                && token.charAt(1) == '0'
                && token.charAt(2) == 'x'
                && token.charAt(5) == '>';
        int high = shaped ? Character.digit(token.charAt(3), 16) : -1;
        int low = shaped ? Character.digit(token.charAt(4), 16) : -1;
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
