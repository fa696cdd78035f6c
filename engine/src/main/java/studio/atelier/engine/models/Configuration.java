package studio.atelier.engine.models;

import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;

/**
 * What an architecture reads of a model's {@code config.json}. A value of the wrong kind or out of bounds is refused with
 * {@link EngineException.Reason#CONFIG_INVALID}, naming file, key, what was expected and what was found.
 */
public interface Configuration {
    /** Whether the key is there with a value other than null. */
    boolean has(String key);

    /** A whole number that must be there. */
    int integer(String key, int least, int most) throws EngineException;

    /** A whole number; {@code fallback} when the key is missing or null. */
    default int integerOr(int fallback, String key, int least, int most) throws EngineException {
        return has(key) ? integer(key, least, most) : fallback;
    }

    /** A finite number; {@code fallback} when the key is missing or null. */
    double number(String key, double fallback) throws EngineException;

    boolean flag(String key, boolean fallback) throws EngineException;

    String text(String key, String fallback) throws EngineException;

    /** A list of whole numbers; empty when missing. */
    List<Integer> integers(String key) throws EngineException;

    /** A list of words; empty when missing. */
    List<String> texts(String key) throws EngineException;

    /** A nested object. */
    Optional<Configuration> section(String key) throws EngineException;
}
