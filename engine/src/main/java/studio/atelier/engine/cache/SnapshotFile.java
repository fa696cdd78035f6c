package studio.atelier.engine.cache;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The file of a snapshot: what a model remembers of a text.
 *
 * <p>Big-endian: the mark, the model's identity (32 bytes), the number of tokens and the tokens, their checksum, the number
 * of parts; then each part's rows, width, bytes per value and packed size, and its values packed with Deflate, all first
 * bytes, then all second bytes and so on, because the first bytes of neighbours are alike; at the end the checksum
 * (CRC-32C) of all before it. Every number is checked before it is used.
 */
final class SnapshotFile {
    static final int IDENTITY_BYTES = 32;

    private static final long MARK = 0x4154_4C4B_5631_0A00L;
    private static final int MOST_TOKENS = 1 << 24;
    private static final int MOST_PARTS = 1 << 16;
    private static final int MOST_VALUES = 1 << 29;
    private static final int BLOCK_BYTES = 1 << 16;

    private SnapshotFile() {}

    /** Writes a file part by part; without {@link #finish()} it is no snapshot. */
    static final class Writer implements Closeable {
        private final CheckedOutputStream checked;
        private final DataOutputStream out;
        private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);

        Writer(Path file, byte[] identity, int[] tokens, int parts) throws IOException {
            checked = new CheckedOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), new CRC32C());
            out = new DataOutputStream(checked);
            out.writeLong(MARK);
            out.write(identity, 0, IDENTITY_BYTES);
            out.writeInt(tokens.length);
            for (int token : tokens) {
                out.writeInt(token);
            }
            out.writeLong(checked.getChecksum().getValue());
            out.writeInt(parts);
        }

        void write(SnapshotPart part) throws IOException {
            byte[] packed = packed(planes(part));
            out.writeInt(part.rows());
            out.writeInt(part.width());
            out.writeByte(part.bytesEach());
            out.writeInt(packed.length);
            out.write(packed);
        }

        private byte[] packed(byte[] plain) {
            deflater.reset();
            deflater.setInput(plain);
            deflater.finish();
            byte[] packed = new byte[Math.max(BLOCK_BYTES, plain.length / 2)];
            int length = 0;
            while (!deflater.finished()) {
                if (length == packed.length) {
                    packed = Arrays.copyOf(packed, packed.length + packed.length / 2);
                }
                length += deflater.deflate(packed, length, packed.length - length);
            }
            return Arrays.copyOf(packed, length);
        }

        void finish() throws IOException {
            out.writeLong(checked.getChecksum().getValue());
        }

        @Override
        public void close() throws IOException {
            deflater.end();
            out.close();
        }
    }

    private static byte[] planes(SnapshotPart part) {
        int count = part.values().length;
        byte[] bytes = new byte[count * part.bytesEach()];
        for (int plane = 0; plane < part.bytesEach(); plane++) {
            int shift = 24 - 8 * plane;
            int at = plane * count;
            for (int i = 0; i < count; i++) {
                bytes[at + i] = (byte) (Float.floatToRawIntBits(part.values()[i]) >>> shift);
            }
        }
        return bytes;
    }

    /**
     * The tokens of a file of this model, without reading what it remembers.
     *
     * @throws IOException when it is no snapshot, or one of another model
     */
    static int[] tokens(Path file, byte[] identity) throws IOException {
        try (Reader reader = new Reader(file, identity)) {
            return reader.tokens;
        }
    }

    /**
     * Whether a file's checksum is right, from the first byte to the last.
     *
     * @throws IOException when it can't be read
     */
    static boolean isWhole(Path file) throws IOException {
        long left = Files.size(file) - Long.BYTES;
        byte[] block = new byte[BLOCK_BYTES];
        CRC32C sum = new CRC32C();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (left > 0) {
                int count = in.read(block, 0, (int) Math.min(block.length, left));
                if (count < 0) {
                    return false;
                }
                sum.update(block, 0, count);
                left -= count;
            }
            return left == 0 && in.readLong() == sum.getValue();
        }
    }

    /** Reads a file part by part. */
    static final class Reader implements Closeable {
        final int[] tokens;
        final int parts;
        private final long sizeBytes;
        private final DataInputStream in;
        private final Inflater inflater = new Inflater();

        Reader(Path file, byte[] identity) throws IOException {
            sizeBytes = Files.size(file);
            CheckedInputStream checked =
                    new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file)), new CRC32C());
            in = new DataInputStream(checked);
            boolean opened = false;
            try {
                require(in.readLong() == MARK, "it has another mark");
                require(Arrays.equals(in.readNBytes(IDENTITY_BYTES), identity), "it belongs to another model");
                int count = in.readInt();
                require(count > 0 && count <= MOST_TOKENS && 4L * count < sizeBytes, "it says " + count + " tokens");
                tokens = new int[count];
                for (int i = 0; i < count; i++) {
                    tokens[i] = in.readInt();
                }
                require(checked.getChecksum().getValue() == in.readLong(), "its tokens are damaged");
                parts = in.readInt();
                require(parts > 0 && parts <= MOST_PARTS, "it says " + parts + " parts");
                opened = true;
            } finally {
                if (!opened) {
                    in.close();
                }
            }
        }

        SnapshotPart next() throws IOException {
            int rows = in.readInt();
            int width = in.readInt();
            int each = in.readByte();
            int packed = in.readInt();
            require(
                    rows >= 0 && width >= 0 && (long) rows * width <= MOST_VALUES / 4,
                    rows + " × " + width + " values");
            require(each == Short.BYTES || each == Float.BYTES, each + " bytes for a value");
            require(packed >= 0 && packed <= sizeBytes, packed + " packed bytes");
            byte[] bytes = new byte[rows * width * each];
            inflater.reset();
            inflater.setInput(in.readNBytes(packed));
            try {
                int length = 0;
                while (length < bytes.length && !inflater.finished()) {
                    int count = inflater.inflate(bytes, length, bytes.length - length);
                    require(count > 0 || inflater.finished(), "a part ends early");
                    length += count;
                }
                require(length == bytes.length, "a part ends early");
            } catch (DataFormatException e) {
                throw new IOException("The snapshot is damaged: " + e.getMessage() + ".", e);
            }
            float[] values = new float[rows * width];
            for (int plane = 0; plane < each; plane++) {
                int shift = 24 - 8 * plane;
                for (int i = 0; i < values.length; i++) {
                    int bits = Float.floatToRawIntBits(values[i]) | (bytes[plane * values.length + i] & 0xFF) << shift;
                    values[i] = Float.intBitsToFloat(bits);
                }
            }
            return new SnapshotPart(rows, width, each == Short.BYTES, values);
        }

        @Override
        public void close() throws IOException {
            inflater.end();
            in.close();
        }
    }

    private static void require(boolean holds, String found) throws IOException {
        if (!holds) {
            throw new IOException("This is no snapshot of the model: " + found + ".");
        }
    }
}
