package studio.atelier.models.convert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What is still to be done to a new folder before it gets its name. */
@FunctionalInterface
public interface Finishing {
    /**
     * Does it.
     *
     * @param folder under its working name
     * @param errors of each module that was packed
     */
    void finish(Path folder, Map<String, QuantizationError> errors) throws IOException, InterruptedException;
}
