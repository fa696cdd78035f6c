package studio.atelier.engine.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** A picture as PNG: eight bits, with alpha where it is needed, each row by the filter that leaves the least (PNG 3, 12.7). */
final class PngWriter {
    static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int FILTERS = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private PngWriter() {}

    /** All bytes of the file; without provenance nothing but pixels is in it. */
    static byte[] bytes(Picture picture, Optional<Provenance> provenance) {
        PngWriter writer = new PngWriter();
        writer.out.writeBytes(SIGNATURE);
        boolean alpha = !picture.opaque();
        writer.chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(picture.width())
                        .putInt(picture.height())
                        .put((byte) 8)
                        .put((byte) (alpha ? 6 : 2))
                        .array());
        writer.chunk("sRGB", new byte[] {0});
        if (provenance.isPresent()) {
            writer.text("parameters", ProvenanceText.parameters(provenance.get()));
            writer.text("atelier", ProvenanceText.json(provenance.get()));
            writer.text("XML:com.adobe.xmp", ProvenanceText.xmp());
        }
        writer.chunk("IDAT", pixels(picture, alpha));
        writer.chunk("IEND", new byte[0]);
        return writer.out.toByteArray();
    }

    private void chunk(String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        out.writeBytes(name);
        out.writeBytes(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** As {@code tEXt} where Latin-1 will do, which old programs read too, else as {@code iTXt}. */
    private void text(String key, String value) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(key.getBytes(StandardCharsets.ISO_8859_1));
        data.write(0);
        if (StandardCharsets.ISO_8859_1.newEncoder().canEncode(value) && !key.startsWith("XML:")) {
            data.writeBytes(value.getBytes(StandardCharsets.ISO_8859_1));
            chunk("tEXt", data.toByteArray());
        } else {
            // Not compressed, no language, no translated key.
            data.writeBytes(new byte[4]);
            data.writeBytes(value.getBytes(StandardCharsets.UTF_8));
            chunk("iTXt", data.toByteArray());
        }
    }

    private static byte[] pixels(Picture picture, boolean alpha) {
        int size = alpha ? 4 : 3;
        int rowBytes = picture.width() * size;
        byte[] above = new byte[rowBytes];
        byte[] row = new byte[rowBytes];
        byte[] filtered = new byte[rowBytes + 1];
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(9);
        try (DeflaterOutputStream deflating = new DeflaterOutputStream(packed, deflater)) {
            for (int y = 0; y < picture.height(); y++) {
                for (int x = 0; x < picture.width(); x++) {
                    int pixel = picture.argb(x, y);
                    row[x * size] = (byte) (pixel >> 16);
                    row[x * size + 1] = (byte) (pixel >> 8);
                    row[x * size + 2] = (byte) pixel;
                    if (alpha) {
                        row[x * size + 3] = (byte) (pixel >>> 24);
                    }
                }
                filter(best(row, above, size, filtered), row, above, size, filtered);
                deflating.write(filtered);
                byte[] next = above;
                above = row;
                row = next;
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException("memory does not refuse bytes", e);
        } finally {
            deflater.end();
        }
        return packed.toByteArray();
    }

    private static int best(byte[] row, byte[] above, int size, byte[] room) {
        int best = 0;
        long least = Long.MAX_VALUE;
        for (int type = 0; type < FILTERS; type++) {
            filter(type, row, above, size, room);
            long sum = 0;
            for (int i = 1; i < room.length; i++) {
                sum += Math.abs(room[i]);
            }
            if (sum < least) {
                least = sum;
                best = type;
            }
        }
        return best;
    }

    private static void filter(int type, byte[] row, byte[] above, int size, byte[] to) {
        to[0] = (byte) type;
        for (int i = 0; i < row.length; i++) {
            int left = i < size ? 0 : row[i - size] & 255;
            int up = above[i] & 255;
            int corner = i < size ? 0 : above[i - size] & 255;
            int guess =
                    switch (type) {
                        case 1 -> left;
                        case 2 -> up;
                        case 3 -> (left + up) / 2;
                        case 4 -> paeth(left, up, corner);
                        default -> 0;
                    };
            to[i + 1] = (byte) (row[i] - guess);
        }
    }

    private static int paeth(int left, int up, int corner) {
        int guess = left + up - corner;
        int toLeft = Math.abs(guess - left);
        int toUp = Math.abs(guess - up);
        int toCorner = Math.abs(guess - corner);
        if (toLeft <= toUp && toLeft <= toCorner) {
            return left;
        }
        return toUp <= toCorner ? up : corner;
    }
}
