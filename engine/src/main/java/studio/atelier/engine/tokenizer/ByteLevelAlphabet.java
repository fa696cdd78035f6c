package studio.atelier.engine.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 256 printable characters that stand for the 256 byte values in byte-level vocabularies. Source: GPT-2's
 * {@code bytes_to_unicode}: printable Latin-1 stands for itself, the other bytes get U+0100 onwards in order.
 */
final class ByteLevelAlphabet {
    private static final char[] CHARACTER_OF_BYTE = new char[256];
    private static final int[] BYTE_OF_CHARACTER = new int[0x144];

    static {
        Arrays.fill(BYTE_OF_CHARACTER, -1);
        int next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
            CHARACTER_OF_BYTE[b] = (char) (printable ? b : next++);
            BYTE_OF_CHARACTER[CHARACTER_OF_BYTE[b]] = b;
        }
    }

    private ByteLevelAlphabet() {}

    /** The text's UTF-8 bytes, each as its character. */
    static String encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = CHARACTER_OF_BYTE[bytes[i] & 0xFF];
        }
        return new String(characters);
    }

    /** The bytes a token stands for; a token with any character outside the alphabet stands for its own UTF-8. */
    static byte[] decode(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            int b = c < BYTE_OF_CHARACTER.length ? BYTE_OF_CHARACTER[c] : -1;
            if (b < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) b;
        }
        return bytes;
    }
}
