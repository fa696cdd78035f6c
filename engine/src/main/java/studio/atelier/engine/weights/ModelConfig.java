package studio.atelier.engine.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.models.Configuration;

/**
 * A model's {@code config.json}, or an object inside it. Nothing in it is trusted: every getter names what it expects,
 * and refuses in one sentence with file, key, expectation and what was found.
 */
public final class ModelConfig implements Configuration {
    /** Published ones are below 200 kB; the longest carry per-layer lists. */
    private static final int MOST_BYTES = 8 << 20;

    private static final int MOST_ITEMS = 1 << 16;

    private final String file;
    private final String path;
    private final ObjectNode object;

    private ModelConfig(String file, String path, ObjectNode object) {
        this.file = file;
        this.path = path;
        this.object = object;
    }

    /** Reads {@code config.json} of a model folder. */
    public static ModelConfig inFolder(Path folder) throws EngineException {
        return read(folder.resolve("config.json"));
    }

    /** Reads a file of this kind, whatever its name. */
    public static ModelConfig read(Path file) throws EngineException {
        return new ModelConfig(file.toString(), "", BoundedJson.read(file, MOST_BYTES, Reason.CONFIG_INVALID));
    }

    /** An object made by a program; {@code file} is what messages call it. */
    public static ModelConfig of(String file, ObjectNode object) {
        return new ModelConfig(file, "", object);
    }

    /** {@code model_type}, which chooses the architecture. */
    public String modelType() throws EngineException {
        return requiredText("model_type");
    }

    /** The language model's part where a model has several ({@code text_config}), else this. */
    public ModelConfig textModel() throws EngineException {
        return nested("text_config").orElse(this);
    }

    /** How the weights are quantized: {@code quantization}, or {@code quantization_config} as the hub spells it. */
    public Optional<ModelConfig> quantization() throws EngineException {
        Optional<ModelConfig> own = nested("quantization");
        return own.isPresent() ? own : nested("quantization_config");
    }

    /** A copy, to change and to write. */
    public ObjectNode copy() {
        return object.deepCopy();
    }

    /** All keys, as written. */
    public List<String> keys() {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    @Override
    public boolean has(String key) {
        return object.hasNonNull(key);
    }

    @Override
    public int integer(String key, int least, int most) throws EngineException {
        return whole(key, object.get(key), least, most);
    }

    private int whole(String key, @Nullable JsonNode value, int least, int most) throws EngineException {
        // Some writers spell whole numbers as 4096.0.
        if (value != null
                && value.isNumber()
                && value.doubleValue() == Math.rint(value.doubleValue())
                && value.doubleValue() >= least
                && value.doubleValue() <= most) {
            return value.intValue();
        }
        throw refused(key, "a whole number from " + least + " to " + most, value);
    }

    /** A finite number that must be there. */
    public double number(String key) throws EngineException {
        return finite(key, object.get(key));
    }

    @Override
    public double number(String key, double fallback) throws EngineException {
        return has(key) ? number(key) : fallback;
    }

    private double finite(String key, @Nullable JsonNode value) throws EngineException {
        if (value != null && value.isNumber() && Double.isFinite(value.doubleValue())) {
            return value.doubleValue();
        }
        throw refused(key, "a finite number", value);
    }

    @Override
    public boolean flag(String key, boolean fallback) throws EngineException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return fallback;
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        throw refused(key, "true or false", value);
    }

    @Override
    public String text(String key, String fallback) throws EngineException {
        return has(key) ? requiredText(key) : fallback;
    }

    /** A text that must be there. */
    public String requiredText(String key) throws EngineException {
        JsonNode value = object.get(key);
        if (value != null && value.isTextual()) {
            return value.textValue();
        }
        throw refused(key, "a text", value);
    }

    @Override
    public List<Integer> integers(String key) throws EngineException {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode item : items(key, "a list of whole numbers", node -> node)) {
            numbers.add(whole(key, item, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        return List.copyOf(numbers);
    }

    /** One whole number or a list of them; empty when missing. */
    public List<Integer> integersOrOne(String key, int least, int most) throws EngineException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return List.of();
        }
        if (value.isNumber()) {
            return List.of(whole(key, value, least, most));
        }
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode item : items(key, "a whole number or a list of them", node -> node)) {
            numbers.add(whole(key, item, least, most));
        }
        return List.copyOf(numbers);
    }

    @Override
    public List<String> texts(String key) throws EngineException {
        return items(key, "a list of texts", node -> node.isTextual() ? node.textValue() : null);
    }

    private <T> List<T> items(String key, String expected, Function<JsonNode, @Nullable T> reader)
            throws EngineException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            throw refused(key, expected, value);
        }
        if (value.size() > MOST_ITEMS) {
            throw invalid(key, "expected at most " + MOST_ITEMS + " items, got " + value.size());
        }
        List<T> items = new ArrayList<>(value.size());
        for (JsonNode node : value) {
            T item = reader.apply(node);
            if (item == null) {
                throw refused(key, expected, node);
            }
            items.add(item);
        }
        return List.copyOf(items);
    }

    @Override
    public Optional<Configuration> section(String key) throws EngineException {
        return nested(key).map(Configuration.class::cast);
    }

    /** A nested object, such as {@code rope_scaling}; empty when missing or null. */
    public Optional<ModelConfig> nested(String key) throws EngineException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (value instanceof ObjectNode inner) {
            return Optional.of(new ModelConfig(file, path + key + ".", inner));
        }
        throw refused(key, "an object", value);
    }

    private EngineException refused(String key, String expected, @Nullable JsonNode got) {
        return invalid(key, "expected " + expected + ", got " + (got == null ? "nothing" : Shown.text(got.toString())));
    }

    private EngineException invalid(String key, String what) {
        return new EngineException(Reason.CONFIG_INVALID, file + ": " + Shown.text(path + key) + ": " + what + ".");
    }
}
