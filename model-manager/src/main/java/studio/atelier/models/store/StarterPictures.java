package studio.atelier.models.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The picture model that comes with the program. */
public final class StarterPictures {
    /** What people call it. */
    public static final String NAME = "Starter pictures";

    private static final IncludedModel MODEL = new IncludedModel(
            "starter-image/", List.of("config.json", "lexicon.json", "model.safetensors"), "pictures-");

    private StarterPictures() {}

    /** Whether this build of the program has it. */
    public static boolean isIncluded() {
        return MODEL.isIncluded();
    }

    /**
     * The model's folder, laid out now if it is not there; takes a moment then, so not on the window's thread.
     *
     * @param dataFolder where the program keeps its things; made if missing
     * @return empty when this build of the program has no such model
     * @throws IOException when it can't be written, in one sentence
     */
    public static Optional<Path> layOut(Path dataFolder) throws IOException {
        return MODEL.layOut(dataFolder);
    }
}
