package studio.atelier.engine.models;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.EngineException;

/**
 * A configuration that leaves out what its publisher took for granted.
 *
 * @param given what is written
 * @param wholeNumbers what holds where nothing is written
 */
record Fallbacks(Configuration given, Map<String, Integer> wholeNumbers) implements Configuration {
    @Override
    public boolean has(String key) {
        return given.has(key) || wholeNumbers.containsKey(key);
    }

    @Override
    public int integer(String key, int least, int most) throws EngineException {
        Integer fallback = wholeNumbers.get(key);
        return given.has(key) || fallback == null ? given.integer(key, least, most) : fallback;
    }

    @Override
    public double number(String key, double fallback) throws EngineException {
        return given.number(key, fallback);
    }

    @Override
    public boolean flag(String key, boolean fallback) throws EngineException {
        return given.flag(key, fallback);
    }

    @Override
    public String text(String key, String fallback) throws EngineException {
        return given.text(key, fallback);
    }

    @Override
    public List<Integer> integers(String key) throws EngineException {
        return given.integers(key);
    }

    @Override
    public List<String> texts(String key) throws EngineException {
        return given.texts(key);
    }

    @Override
    public Optional<Configuration> section(String key) throws EngineException {
        return given.section(key);
    }
}
