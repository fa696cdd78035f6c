package studio.atelier.models.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * One GGUF file, memory-mapped read-only and checked in full: what {@link #tensors} returns lies inside it. Any thread may
 * read; whoever opened it closes it. Source: the format's description, version 3.
 */
public final class GgufFile implements AutoCloseable {
    private static final int MAGIC = 0x46554747;
    private static final int MOST_TENSORS = 1_000_000;
    private static final int MOST_KEYS = 100_000;
    private static final int MOST_AXES = 4;
    private static final int USUAL_ALIGNMENT = 32;
    private static final int MOST_ALIGNMENT = 1 << 16;

    private final Path file;
    private final Arena arena;
    private final Map<String, GgufValue> metadata;
    private final Map<String, GgufTensor> tensors;

    private GgufFile(Path file, Arena arena, Map<String, GgufValue> metadata, Map<String, GgufTensor> tensors) {
        this.file = file;
        this.arena = arena;
        this.metadata = Collections.unmodifiableMap(metadata);
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * Opens and checks.
     *
     * @throws EngineException naming the file, what it says and what was expected
     */
    public static GgufFile open(Path file) throws EngineException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Arena arena = Arena.ofShared();
            try {
                MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
                return parse(file, arena, new GgufCursor(file.toString(), bytes));
            } catch (IOException | EngineException | RuntimeException e) {
                arena.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE, file + " is missing; download the model again.", e);
        } catch (IOException e) {
            throw new EngineException(Reason.MODEL_FILE_BROKEN, file + " can't be read: " + e.getMessage() + ".", e);
        }
    }

    private static GgufFile parse(Path file, Arena arena, GgufCursor cursor) throws EngineException {
        int magic = cursor.integer();
        if (magic != MAGIC) {
            throw cursor.broken("it doesn't begin with \"GGUF\"");
        }
        int version = cursor.integer();
        if (version != 2 && version != 3) {
            throw cursor.broken("expected version 2 or 3 of the format, got " + Integer.toUnsignedString(version));
        }
        long tensorCount = cursor.count("tensors", MOST_TENSORS);
        long keyCount = cursor.count("entries of metadata", MOST_KEYS);
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        for (long i = 0; i < keyCount; i++) {
            String key = cursor.text();
            if (metadata.put(key, cursor.value(cursor.integer())) != null) {
                throw cursor.broken("it has the entry " + GgufCursor.shown(key) + " twice");
            }
        }
        return new GgufFile(file, arena, metadata, tensors(cursor, tensorCount, alignment(cursor, metadata)));
    }

    private static int alignment(GgufCursor cursor, Map<String, GgufValue> metadata) throws EngineException {
        long alignment =
                metadata.get("general.alignment") instanceof GgufValue.Whole whole ? whole.value() : USUAL_ALIGNMENT;
        if (alignment < 1 || alignment > MOST_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw cursor.broken(
                    "general.alignment: expected a power of two up to " + MOST_ALIGNMENT + ", got " + alignment);
        }
        return (int) alignment;
    }

    private record Region(String name, GgufType type, long[] shape, long begin, long sizeBytes) {}

    private static Map<String, GgufTensor> tensors(GgufCursor cursor, long count, int alignment)
            throws EngineException {
        List<Region> regions = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            regions.add(region(cursor, alignment));
        }
        long dataStart = (cursor.position() + alignment - 1) / alignment * alignment;
        MemorySegment all = cursor.bytes();
        List<Region> sorted =
                regions.stream().sorted(Comparator.comparingLong(Region::begin)).toList();
        long end = 0;
        for (Region region : sorted) {
            String shown = GgufCursor.shown(region.name());
            if (region.begin() < end) {
                throw cursor.broken(shown + " begins at " + region.begin() + ", inside the tensor that ends at " + end);
            }
            end = Math.addExact(region.begin(), region.sizeBytes());
            if (dataStart > all.byteSize() || end > all.byteSize() - dataStart) {
                throw cursor.broken(shown + " ends at " + end + ", but the file holds only "
                        + Math.max(0, all.byteSize() - dataStart) + " bytes of tensors; download it again");
            }
        }
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        for (Region region : regions) {
            MemorySegment bytes = all.asSlice(dataStart + region.begin(), region.sizeBytes());
            GgufTensor tensor = new GgufTensor(region.name(), region.type(), region.shape(), bytes);
            if (tensors.put(region.name(), tensor) != null) {
                throw cursor.broken("it has the tensor " + GgufCursor.shown(region.name()) + " twice");
            }
        }
        return tensors;
    }

    private static Region region(GgufCursor cursor, int alignment) throws EngineException {
        String name = cursor.text();
        String shown = GgufCursor.shown(name);
        int axes = cursor.integer();
        if (axes < 1 || axes > MOST_AXES) {
            throw cursor.broken(
                    shown + ": expected 1 to " + MOST_AXES + " axes, got " + Integer.toUnsignedString(axes));
        }
        long[] shape = new long[axes];
        long numbers = 1;
        for (int i = axes - 1; i >= 0; i--) {
            shape[i] = cursor.whole();
            if (shape[i] < 1 || shape[i] > Integer.MAX_VALUE || numbers > Long.MAX_VALUE / 64 / shape[i]) {
                throw cursor.broken(shown + ": its shape is more than any file can hold");
            }
            numbers *= shape[i];
        }
        int typeId = cursor.integer();
        Optional<GgufType> type = GgufType.of(typeId);
        if (type.isEmpty()) {
            throw new EngineException(
                    Reason.DTYPE_UNSUPPORTED,
                    cursor.file() + ": " + shown + " has the type " + Integer.toUnsignedString(typeId)
                            + ", which Atelier can't read; it reads " + Arrays.toString(GgufType.values()) + ".");
        }
        if (shape[axes - 1] % type.get().blockValues() != 0) {
            throw cursor.broken(shown + ": expected rows of a multiple of "
                    + type.get().blockValues() + " numbers, got " + shape[axes - 1]);
        }
        long begin = cursor.whole();
        if (begin < 0 || begin % alignment != 0) {
            throw cursor.broken(shown + ": expected an offset that is a multiple of " + alignment + ", got "
                    + Long.toUnsignedString(begin));
        }
        return new Region(name, type.get(), shape, begin, type.get().rowBytes(numbers));
    }

    /** In the file's order. */
    public Map<String, GgufValue> metadata() {
        return metadata;
    }

    /** In the file's order. */
    public Map<String, GgufTensor> tensors() {
        return tensors;
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        arena.close();
    }
}
