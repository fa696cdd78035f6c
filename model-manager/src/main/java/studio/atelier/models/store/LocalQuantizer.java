package studio.atelier.models.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;
import studio.atelier.models.convert.FolderQuantizer;
import studio.atelier.models.convert.Recipe;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.hub.RepoId;

/**
 * Quantizes a folder of this machine and keeps in the new one's manifest where it comes from, what was done, and how far
 * each module is from what was published.
 *
 * @param program the version of Atelier, for the manifest
 */
public record LocalQuantizer(String program, Clock clock) {

    /**
     * Quantizes, or goes on with it.
     *
     * @param target a folder that is not there yet
     * @return the manifest; empty when an earlier call had come to its end
     * @throws EngineException when the source is no model that Atelier can run, or is quantized already
     */
    public Optional<ModelManifest> quantize(
            Path source, Path target, Recipe recipe, Consumer<FolderQuantizer.Progress> progress)
            throws IOException, EngineException {
        AtomicReference<@Nullable ModelManifest> written = new AtomicReference<>();
        FolderQuantizer.quantize(
                source,
                target,
                recipe,
                (made, errors) -> {
                    ModelManifest origin = origin(source);
                    ModelManifest manifest = new ModelManifest(
                            origin.repository(),
                            origin.revision(),
                            origin.commit(),
                            origin.endpoint(),
                            origin.licence(),
                            recipe.toString(),
                            made,
                            ModelManifest.filesOf(made, _ -> {}),
                            ModelManifest.relative(errors),
                            program,
                            clock.instant());
                    manifest.write(made);
                    written.set(manifest);
                },
                progress);
        return Optional.ofNullable(written.get());
    }

    /** What is known of a source: its manifest, its place in the hub's cache, or at least its name. */
    private ModelManifest origin(Path source) throws IOException {
        Optional<ModelManifest> kept = ModelManifest.read(source);
        if (kept.isPresent()) {
            return kept.get();
        }
        Path folder = source.toAbsolutePath().normalize();
        String name = String.valueOf(folder.getFileName());
        Optional<RepoId> repository = HubCache.repositoryOf(folder);
        return new ModelManifest(
                repository.map(RepoId::toString).orElse(name),
                "",
                repository.isPresent() ? name : "",
                "",
                Optional.empty(),
                ModelManifest.AS_PUBLISHED,
                folder,
                java.util.List.of(),
                java.util.Map.of(),
                program,
                clock.instant());
    }
}
