package studio.atelier.installers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files in which macOS and Windows keep an icon: several PNG pictures behind a small table. */
final class IconFiles {
    /** Apple's types that hold PNG, and how many pixels each has; the last four are for screens with double density. */
    private static final Map<String, Integer> ICNS = new TreeMap<>(Map.ofEntries(
            Map.entry("icp4", 16),
            Map.entry("icp5", 32),
            Map.entry("ic07", 128),
            Map.entry("ic08", 256),
            Map.entry("ic09", 512),
            Map.entry("ic10", 1024),
            Map.entry("ic11", 32),
            Map.entry("ic12", 64),
            Map.entry("ic13", 256),
            Map.entry("ic14", 512)));

    private static final List<Integer> ICO = List.of(16, 24, 32, 48, 64, 128, 256);
    private static final int ICO_HEADER_BYTES = 6;
    private static final int ICO_ENTRY_BYTES = 16;
    private static final int ICNS_HEADER_BYTES = 8;

    private IconFiles() {}

    /** An {@code .icns} file: each picture behind its type and length, big-endian. */
    static byte[] icns(IconPictures pictures) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Map.Entry<String, Integer> type : ICNS.entrySet()) {
            byte[] png = pictures.png(type.getValue());
            body.write(head(type.getKey(), png.length));
            body.write(png);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(head("icns", body.size()));
        body.writeTo(file);
        return file.toByteArray();
    }

    private static byte[] head(String type, int bodyBytes) {
        return ByteBuffer.allocate(ICNS_HEADER_BYTES)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .putInt(bodyBytes + ICNS_HEADER_BYTES)
                .array();
    }

    /** An {@code .ico} file: a table of sizes and offsets, little-endian, and the pictures behind it. */
    static byte[] ico(IconPictures pictures) throws IOException {
        List<byte[]> pngs = new ArrayList<>();
        for (int pixels : ICO) {
            pngs.add(pictures.png(pixels));
        }
        int tableBytes = ICO_HEADER_BYTES + ICO_ENTRY_BYTES * ICO.size();
        int fileBytes = tableBytes + pngs.stream().mapToInt(png -> png.length).sum();
        ByteBuffer file = ByteBuffer.allocate(fileBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putShort((short) 0).putShort((short) 1).putShort((short) ICO.size());
        int offset = tableBytes;
        for (int i = 0; i < ICO.size(); i++) {
            // 0 stands for 256, which a byte can't hold.
            byte side = (byte) (int) ICO.get(i);
            file.put(side).put(side).put((byte) 0).put((byte) 0);
            file.putShort((short) 1).putShort((short) 32);
            file.putInt(pngs.get(i).length).putInt(offset);
            offset += pngs.get(i).length;
        }
        pngs.forEach(file::put);
        return file.array();
    }
}
