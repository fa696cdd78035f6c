package studio.atelier.models.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/** A file's metadata by key, each refused in one sentence where it is missing or of another kind. */
record GgufMetadata(String file, Map<String, GgufValue> values) {
    String architecture() throws EngineException {
        return text("general.architecture");
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    long whole(String key) throws EngineException {
        if (values.get(key) instanceof GgufValue.Whole whole
                && whole.value() >= 0
                && whole.value() <= Integer.MAX_VALUE) {
            return whole.value();
        }
        throw refused(key, "a whole number");
    }

    long whole(String key, long fallback) throws EngineException {
        return has(key) ? whole(key) : fallback;
    }

    double real(String key, double fallback) throws EngineException {
        return switch (values.get(key)) {
            case null -> fallback;
            case GgufValue.Real real when Double.isFinite(real.value()) -> real.value();
            case GgufValue.Whole whole -> whole.value();
            case GgufValue.Real _, GgufValue.Flag _, GgufValue.Text _, GgufValue.Many _ ->
                throw refused(key, "a number");
        };
    }

    boolean flag(String key, boolean fallback) {
        return values.get(key) instanceof GgufValue.Flag flag ? flag.value() : fallback;
    }

    String text(String key) throws EngineException {
        return optionalText(key).orElseThrow(() -> refused(key, "a text"));
    }

    Optional<String> optionalText(String key) {
        return values.get(key) instanceof GgufValue.Text text ? Optional.of(text.value()) : Optional.empty();
    }

    List<String> texts(String key) throws EngineException {
        if (!(values.get(key) instanceof GgufValue.Many many)) {
            throw refused(key, "a list of texts");
        }
        List<String> texts = new java.util.ArrayList<>();
        for (GgufValue value : many.values()) {
            if (!(value instanceof GgufValue.Text text)) {
                throw refused(key, "a list of texts");
            }
            texts.add(text.value());
        }
        return texts;
    }

    List<GgufValue> list(String key) {
        return values.get(key) instanceof GgufValue.Many many ? many.values() : List.of();
    }

    EngineException refused(String key, String expected) {
        return new EngineException(
                Reason.CONFIG_INVALID,
                file + ": " + key + ": expected " + expected + "; choose another version of the model.");
    }
}
