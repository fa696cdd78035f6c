package studio.atelier.engine.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The chunks of a PNG, checked one by one, and the texts among them. */
final class PngTexts {
    /** A text longer than this is left out, unpacked or not. */
    private static final int MOST_TEXT_BYTES = 4 << 20;

    private static final int MOST_TEXTS = 256;

    private PngTexts() {}

    /**
     * The texts by key, the first of each.
     *
     * @throws IOException in one sentence when the file is cut off or damaged
     */
    static Map<String, String> read(byte[] file, String name) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        ByteBuffer at = ByteBuffer.wrap(file, PngWriter.SIGNATURE.length, file.length - PngWriter.SIGNATURE.length);
        while (true) {
            if (at.remaining() < 12) {
                throw new IOException(name + " is cut off: it ends after " + file.length
                        + " bytes, in the middle of the picture; get it again.");
            }
            int start = at.position();
            int length = at.getInt();
            if (length < 0 || length > at.remaining() - 8) {
                throw new IOException(name + " is damaged or cut off: at byte " + start + " it announces "
                        + Integer.toUnsignedString(length) + " bytes, and " + Math.max(0, at.remaining() - 8)
                        + " are left; get it again.");
            }
            String type = new String(file, start + 4, 4, StandardCharsets.ISO_8859_1);
            CRC32 crc = new CRC32();
            crc.update(file, start + 4, length + 4);
            at.position(start + 8 + length);
            if (at.getInt() != (int) crc.getValue()) {
                throw new IOException(name + " is damaged: the checksum of its part \"" + type + "\" at byte " + start
                        + " doesn't fit; get it again.");
            }
            if (type.equals("IEND")) {
                return texts;
            }
            if (texts.size() < MOST_TEXTS) {
                keep(type, ByteBuffer.wrap(file, start + 8, length).slice(), texts);
            }
        }
    }

    private static void keep(String type, ByteBuffer data, Map<String, String> texts) {
        switch (type) {
            case "tEXt" -> {
                String key = upToZero(data);
                texts.putIfAbsent(key, rest(data, java.nio.charset.StandardCharsets.ISO_8859_1));
            }
            case "zTXt" -> {
                String key = upToZero(data);
                if (data.hasRemaining() && data.get() == 0) {
                    texts.putIfAbsent(key, unpacked(data, StandardCharsets.ISO_8859_1));
                }
            }
            case "iTXt" -> {
                String key = upToZero(data);
                if (data.remaining() < 2) {
                    return;
                }
                boolean packed = data.get() != 0;
                data.get();
                upToZero(data);
                upToZero(data);
                texts.putIfAbsent(
                        key, packed ? unpacked(data, StandardCharsets.UTF_8) : rest(data, StandardCharsets.UTF_8));
            }
            default -> {}
        }
    }

    private static String upToZero(ByteBuffer data) {
        StringBuilder text = new StringBuilder();
        while (data.hasRemaining()) {
            byte next = data.get();
            if (next == 0) {
                break;
            }
            text.append((char) (next & 255));
        }
        return text.toString();
    }

    private static String rest(ByteBuffer data, java.nio.charset.Charset charset) {
        byte[] bytes = new byte[Math.min(data.remaining(), MOST_TEXT_BYTES)];
        data.get(bytes);
        return new String(bytes, charset);
    }

    /** Unpacks up to the limit; what is broken gives the text up to there. */
    private static String unpacked(ByteBuffer data, java.nio.charset.Charset charset) {
        Inflater inflater = new Inflater();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            inflater.setInput(data);
            byte[] part = new byte[1 << 13];
            while (!inflater.finished() && text.size() < MOST_TEXT_BYTES) {
                int count = inflater.inflate(part);
                if (count == 0) {
                    break;
                }
                text.write(part, 0, count);
            }
        } catch (DataFormatException e) {
            return text.toString(charset);
        } finally {
            inflater.end();
        }
        return text.toString(charset);
    }
}
