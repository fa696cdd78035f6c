package studio.atelier.engine.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.DType;

/**
 * The JSON at the front of a safetensors file, believed only as far as it agrees with itself and with the file's size.
 * Source: the safetensors format description and its reference reader.
 *
 * @param entries by offset
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
    /** As the hub's own client limits it; the largest published ones are below 10 MB. */
    static final int MOST_BYTES = 25_000_000;

    private static final int DEEPEST = 4;
    private static final int MOST_AXES = 16;

    /** Offsets count from the end of the header. */
    record Entry(String name, DType dtype, long[] shape, long begin, long end) {}

    /**
     * Reads and checks.
     *
     * @param file for messages
     * @param dataBytes what the file holds after the header
     */
    static SafetensorsHeader parse(String file, String json, long dataBytes) throws EngineException {
        if (!json.startsWith("{")) {
            throw broken(file, "its header doesn't begin with \"{\"; this is no safetensors file");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        try (JsonParser parser = BoundedJson.factory(DEEPEST, MOST_BYTES).createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("__metadata__")) {
                    readMetadata(file, parser, metadata);
                } else {
                    entries.add(readEntry(file, name, parser));
                }
            }
            if (parser.nextToken() != null) {
                throw broken(file, "its header goes on after the closing brace");
            }
        } catch (JsonProcessingException e) {
            throw new EngineException(
                    Reason.MODEL_FILE_BROKEN, file + ": its header is not valid JSON: " + BoundedJson.describe(e), e);
        } catch (IOException e) {
            throw new EngineException(Reason.MODEL_FILE_BROKEN, file + " can't be read: " + e.getMessage() + ".", e);
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        checkRanges(file, entries, dataBytes);
        return new SafetensorsHeader(List.copyOf(entries), Map.copyOf(metadata));
    }

    private static void readMetadata(String file, JsonParser parser, Map<String, String> metadata)
            throws IOException, EngineException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw broken(file, "__metadata__: expected an object, got " + parser.currentToken());
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw broken(
                        file, "__metadata__ " + Shown.text(key) + ": expected a text, got " + parser.currentToken());
            }
            metadata.put(key, parser.getText());
        }
    }

    private static Entry readEntry(String file, String name, JsonParser parser) throws IOException, EngineException {
        String shown = Shown.text(name);
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw broken(file, shown + ": expected an object, got " + parser.currentToken());
        }
        @Nullable String typeName = null;
        long @Nullable [] shape = null;
        long @Nullable [] offsets = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "dtype" -> typeName = parser.getValueAsString("");
                case "shape" -> shape = readNumbers(file, shown + " shape", parser);
                case "data_offsets" -> offsets = readNumbers(file, shown + " data_offsets", parser);
                default -> parser.skipChildren();
            }
        }
        if (typeName == null || shape == null || offsets == null) {
            throw broken(file, shown + ": expected dtype, shape and data_offsets, one is missing");
        }
        if (offsets.length != 2 || offsets[1] < offsets[0]) {
            throw broken(file, shown + ": expected data_offsets [begin, end], got " + Arrays.toString(offsets));
        }
        Optional<DType> dtype = DType.named(typeName);
        if (dtype.isEmpty()) {
            throw new EngineException(
                    Reason.DTYPE_UNSUPPORTED,
                    file + ": " + shown + " has the element type " + Shown.text(typeName)
                            + ", which Atelier can't read.");
        }
        checkSize(file, shown, dtype.get(), shape, offsets[1] - offsets[0]);
        return new Entry(name, dtype.get(), shape, offsets[0], offsets[1]);
    }

    private static long[] readNumbers(String file, String what, JsonParser parser) throws IOException, EngineException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw broken(file, what + ": expected a list of whole numbers, got " + parser.currentToken());
        }
        List<Long> numbers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!whole || parser.getLongValue() < 0) {
                throw broken(
                        file,
                        what + ": expected whole numbers from 0 to 2^63 - 1, got "
                                + Shown.text(String.valueOf(parser.getText())));
            }
            if (numbers.size() == MOST_AXES) {
                throw broken(file, what + ": expected at most " + MOST_AXES + " numbers, got more");
            }
            numbers.add(parser.getLongValue());
        }
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    private static void checkSize(String file, String shown, DType dtype, long[] shape, long rangeBytes)
            throws EngineException {
        long expected = dtype.sizeBytes();
        try {
            // A zero anywhere makes it empty, whatever overflow the other axes would cause.
            boolean empty = Arrays.stream(shape).anyMatch(axis -> axis == 0);
            for (long axis : shape) {
                expected = empty ? 0 : Math.multiplyExact(expected, axis);
            }
        } catch (ArithmeticException e) {
            throw new EngineException(
                    Reason.MODEL_FILE_BROKEN,
                    file + ": " + shown + " has the shape " + Arrays.toString(shape) + ", more than any file can hold.",
                    e);
        }
        if (expected != rangeBytes) {
            throw broken(
                    file,
                    shown + ": " + dtype + " " + Arrays.toString(shape) + " takes " + expected
                            + " bytes, but data_offsets span " + rangeBytes);
        }
    }

    private static void checkRanges(String file, List<Entry> entries, long dataBytes) throws EngineException {
        long end = 0;
        for (Entry entry : entries) {
            String shown = Shown.text(entry.name());
            if (entry.begin() < end) {
                throw broken(file, shown + ": begins at " + entry.begin() + ", inside the tensor that ends at " + end);
            }
            if (entry.begin() > end) {
                throw broken(file, shown + ": begins at " + entry.begin() + ", leaving a hole after " + end);
            }
            end = entry.end();
        }
        if (end > dataBytes) {
            throw broken(
                    file,
                    "it ends " + (end - dataBytes) + " bytes early: expected " + end + " bytes of tensors, got "
                            + dataBytes + "; download it again");
        }
        if (end < dataBytes) {
            throw broken(
                    file,
                    "it has " + (dataBytes - end) + " bytes that belong to no tensor: expected " + end
                            + " bytes of tensors, got " + dataBytes);
        }
    }

    static EngineException broken(String file, String what) {
        return new EngineException(Reason.MODEL_FILE_BROKEN, file + ": " + what + ".");
    }
}
