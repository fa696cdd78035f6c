package studio.atelier.app.models;

import java.nio.file.Path;

/**
 * A model that can be chosen without looking for its folder.
 *
 * @param name for people
 * @param origin why it is known
 */
public record KnownModel(Path folder, String name, Origin origin) {
    /** Why a model is known. */
    public enum Origin {
        /** It came with the program. */
        INCLUDED,
        /** Its folder was opened before. */
        OPENED_BEFORE
    }
}
