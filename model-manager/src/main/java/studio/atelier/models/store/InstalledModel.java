package studio.atelier.models.store;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A model on this machine.
 *
 * @param name for people
 * @param place the folder to open, or a GGUF file that must be converted first
 * @param entry where its manifest is, for those that Atelier installed
 * @param format for people, such as {@code 4-bit}
 */
public record InstalledModel(
        String name,
        Path place,
        Optional<Path> entry,
        Origin origin,
        long sizeBytes,
        String format,
        Optional<ModelManifest> manifest) {
    /** Whose folder it is in. */
    public enum Origin {
        ATELIER,
        HUB_CACHE,
        LM_STUDIO,
        OLLAMA,
        /** In a folder that the person chose; whoever put it there. */
        FOLDER
    }

    /** Whether the engine can open it as it is. */
    public boolean isFolder() {
        return java.nio.file.Files.isDirectory(place);
    }
}
