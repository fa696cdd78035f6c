package studio.atelier.models.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.RowDecoder;

/** Reads through the front of a GGUF file and never past its end. */
final class GgufCursor {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int LONGEST_TEXT_BYTES = 64 << 20;
    private static final int MOST_ITEMS = 16 << 20;
    private static final int TEXT = 8;
    private static final int LIST = 9;

    private final String file;
    private final MemorySegment bytes;
    private long position;

    GgufCursor(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    String file() {
        return file;
    }

    MemorySegment bytes() {
        return bytes;
    }

    long position() {
        return position;
    }

    private long take(long sizeBytes) throws EngineException {
        if (sizeBytes > bytes.byteSize() - position) {
            throw broken("it ends at byte " + bytes.byteSize() + " in the middle of its header; download it again");
        }
        long at = position;
        position += sizeBytes;
        return at;
    }

    int integer() throws EngineException {
        return bytes.get(RowDecoder.INT, take(4));
    }

    long whole() throws EngineException {
        return bytes.get(LONG, take(8));
    }

    /** A number of things that each take at least one byte. */
    long count(String what, long most) throws EngineException {
        long count = whole();
        if (count < 0 || count > most || count > bytes.byteSize() - position) {
            throw broken("it announces " + Long.toUnsignedString(count) + " " + what
                    + ", more than it can hold; download it again");
        }
        return count;
    }

    String text() throws EngineException {
        long length = count("bytes of text", LONGEST_TEXT_BYTES);
        byte[] text = bytes.asSlice(take(length), length).toArray(ValueLayout.JAVA_BYTE);
        return new String(text, StandardCharsets.UTF_8);
    }

    GgufValue value(int type) throws EngineException {
        if (type != LIST) {
            return single(type);
        }
        int itemType = integer();
        if (itemType == LIST) {
            throw broken("it has a list of lists, which no model's file has");
        }
        long count = count("items of a list", MOST_ITEMS);
        List<GgufValue> values = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            values.add(single(itemType));
        }
        return new GgufValue.Many(values);
    }

    private GgufValue single(int type) throws EngineException {
        return switch (type) {
            case 0 -> new GgufValue.Whole(bytes.get(ValueLayout.JAVA_BYTE, take(1)) & 0xFF);
            case 1 -> new GgufValue.Whole(bytes.get(ValueLayout.JAVA_BYTE, take(1)));
            case 2 -> new GgufValue.Whole(bytes.get(RowDecoder.SHORT, take(2)) & 0xFFFF);
            case 3 -> new GgufValue.Whole(bytes.get(RowDecoder.SHORT, take(2)));
            case 4 -> new GgufValue.Whole(integer() & 0xFFFFFFFFL);
            case 5 -> new GgufValue.Whole(integer());
            case 6 -> new GgufValue.Real(bytes.get(RowDecoder.FLOAT, take(4)));
            case 7 -> new GgufValue.Flag(bytes.get(ValueLayout.JAVA_BYTE, take(1)) != 0);
            case TEXT -> new GgufValue.Text(text());
            case 10, 11 -> new GgufValue.Whole(whole());
            case 12 -> new GgufValue.Real(bytes.get(DOUBLE, take(8)));
            default -> throw broken("it has an entry of the unknown kind " + Integer.toUnsignedString(type));
        };
    }

    EngineException broken(String what) {
        return new EngineException(Reason.MODEL_FILE_BROKEN, file + ": " + what + ".");
    }

    static String shown(String fromFile) {
        StringBuilder shown = new StringBuilder();
        fromFile.codePoints().limit(80).forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return shown.toString();
    }
}
