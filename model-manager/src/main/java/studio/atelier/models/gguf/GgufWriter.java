package studio.atelier.models.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.models.download.DiskSpace;
import studio.atelier.models.download.Volume;

/**
 * Writes a GGUF file in parts. The header stands at the front of such a file, so all tensors are announced first; their bytes
 * then come in any order, and nothing of them stays in memory. Source: the format's description, version 3.
 *
 * <p>Until {@link #finish} the file has another name; closed before, it is removed. One thread at a time.
 */
final class GgufWriter implements AutoCloseable {
    private static final int MAGIC = 0x46554747;
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;

    /**
     * A tensor to come.
     *
     * @param shape slowest axis first, as everywhere else here; the file has it the other way round
     */
    record Announced(String name, GgufType type, List<Integer> shape) {
        Announced {
            shape = List.copyOf(shape);
            if (shape.isEmpty() || shape.getLast() % type.blockValues() != 0) {
                throw new IllegalArgumentException(
                        name + ": expected rows of a multiple of " + type.blockValues() + " numbers, got " + shape);
            }
        }

        /** Numbers of a row, the last axis. */
        int columns() {
            return shape.getLast();
        }

        long sizeBytes() {
            long numbers = 1;
            for (int axis : shape) {
                numbers = Math.multiplyExact(numbers, axis);
            }
            return type.rowBytes(numbers);
        }
    }

    /** Where the bytes of a tensor go. */
    private static final class Region {
        private final Announced tensor;
        private final long begin;
        private long written;

        Region(Announced tensor, long begin) {
            this.tensor = tensor;
            this.begin = begin;
        }
    }

    private final Volume volume;
    private final Path target;
    private final Path partial;
    private final FileChannel channel;
    private final byte[] header;
    private final Map<String, Region> regions = new LinkedHashMap<>();
    private boolean finished;

    private GgufWriter(Volume volume, Path target, Path partial, FileChannel channel, byte[] header) {
        this.volume = volume;
        this.target = target;
        this.partial = partial;
        this.channel = channel;
        this.header = header;
    }

    /**
     * Begins a file.
     *
     * @param metadata whole numbers become 32 bits without a sign, those of lists with one; real ones become float32
     * @throws IOException when there is such a file already, or less room than it will take
     */
    static GgufWriter begin(Volume volume, Path target, Map<String, GgufValue> metadata, List<Announced> tensors)
            throws IOException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Map<String, Long> offsets = new LinkedHashMap<>();
        long dataBytes = 0;
        for (Announced tensor : tensors) {
            if (offsets.put(tensor.name(), dataBytes) != null) {
                throw new IllegalArgumentException("name of a tensor: expected it once, got again " + tensor.name());
            }
            dataBytes = aligned(Math.addExact(dataBytes, tensor.sizeBytes()));
        }
        byte[] header = header(metadata, tensors, offsets);
        Path whole = target.toAbsolutePath();
        DiskSpace.check(volume, whole.resolveSibling(""), header.length + dataBytes);
        Path partial = whole.resolveSibling(whole.getFileName() + ".partial");
        FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        GgufWriter writer = new GgufWriter(volume, target, partial, channel, header);
        tensors.forEach(tensor -> writer.regions.put(
                tensor.name(), new Region(tensor, header.length + offsets.getOrDefault(tensor.name(), 0L))));
        return writer;
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static byte[] header(Map<String, GgufValue> metadata, List<Announced> tensors, Map<String, Long> offsets) {
        Header header = new Header();
        header.number(MAGIC, 4);
        header.number(VERSION, 4);
        header.number(tensors.size(), 8);
        header.number(metadata.size(), 8);
        metadata.forEach((key, value) -> {
            header.text(key);
            header.number(Header.kind(value, false), 4);
            header.value(value);
        });
        for (Announced tensor : tensors) {
            header.text(tensor.name());
            header.number(tensor.shape().size(), 4);
            for (int axis : tensor.shape().reversed()) {
                header.number(axis, 8);
            }
            header.number(tensor.type().id(), 4);
            header.number(offsets.getOrDefault(tensor.name(), 0L), 8);
        }
        header.pad();
        return header.bytes.toByteArray();
    }

    /** The front of a file in the making; all numbers have their lowest byte first. */
    private static final class Header {
        private static final int LIST = 9;

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        static int kind(GgufValue value, boolean inList) {
            return switch (value) {
                case GgufValue.Whole _ -> inList ? 5 : 4;
                case GgufValue.Real _ -> 6;
                case GgufValue.Flag _ -> 7;
                case GgufValue.Text _ -> 8;
                case GgufValue.Many _ -> LIST;
            };
        }

        void value(GgufValue value) {
            switch (value) {
                case GgufValue.Whole whole -> number(Math.toIntExact(whole.value()), 4);
                case GgufValue.Real real -> number(Float.floatToRawIntBits((float) real.value()), 4);
                case GgufValue.Flag flag -> number(flag.value() ? 1 : 0, 1);
                case GgufValue.Text text -> text(text.value());
                case GgufValue.Many many -> {
                    number(kind(many.values().getFirst(), true), 4);
                    number(many.values().size(), 8);
                    many.values().forEach(this::value);
                }
            }
        }

        void text(String text) {
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            number(encoded.length, 8);
            bytes.writeBytes(encoded);
        }

        void number(long value, int count) {
            for (int i = 0; i < count; i++) {
                bytes.write((int) (value >>> 8 * i));
            }
        }

        void pad() {
            bytes.writeBytes(new byte[(int) (aligned(bytes.size()) - bytes.size())]);
        }
    }

    /** A buffer as {@link #write} takes it. */
    static ByteBuffer buffer(int sizeBytes) {
        return ByteBuffer.allocateDirect(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Appends to a tensor: all of its bytes, or the next part of them. */
    void write(String name, ByteBuffer bytes) throws IOException {
        Region region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("write: expected an announced tensor, got " + name);
        }
        long left = region.tensor.sizeBytes() - region.written;
        int count = bytes.remaining();
        if (count > left) {
            throw new IllegalArgumentException(
                    "write: expected at most " + left + " more bytes of " + name + ", got " + count);
        }
        volume.write(channel, bytes, region.begin + region.written);
        region.written += count;
    }

    /**
     * Puts the header before the tensors, forces the file to the disk and gives it its name.
     *
     * @return its size in bytes
     */
    long finish() throws IOException {
        for (Region region : regions.values()) {
            if (region.written != region.tensor.sizeBytes()) {
                throw new IllegalStateException("finish: expected " + region.tensor.sizeBytes() + " bytes of "
                        + region.tensor.name() + ", got " + region.written);
            }
        }
        volume.write(channel, ByteBuffer.wrap(header), 0);
        long sizeBytes = channel.size();
        volume.force(channel);
        channel.close();
        volume.rename(partial, target);
        finished = true;
        return sizeBytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!finished) {
            Files.deleteIfExists(partial);
        }
    }
}
