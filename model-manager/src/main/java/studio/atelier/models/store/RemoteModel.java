package studio.atelier.models.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.models.catalog.ModelSize;
import studio.atelier.models.convert.ModelCheck;
import studio.atelier.models.convert.Recipe;
import studio.atelier.models.convert.RemoteShard;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.Retries;
import studio.atelier.models.hub.Snapshot;

/**
 * A model looked at from afar: its configuration and the headers of its weights are fetched, its weights are not.
 *
 * @param asPublished empty where weights are in a format without such headers, or one that is only a source
 * @param quantized what it can become on the way; none where weights are in a format without such headers, or are
 *     quantized already
 */
public record RemoteModel(
        Snapshot snapshot, Wanted wanted, Optional<ModelSize> asPublished, Map<Form, ModelSize> quantized) {
    public RemoteModel {
        quantized = Map.copyOf(quantized);
    }

    /** Whether quantizing it as it arrives is possible and worth it. */
    public boolean isQuantizable() {
        return !quantized.isEmpty();
    }

    /**
     * Looks.
     *
     * @throws EngineException when what the headers say contradicts itself
     */
    public static RemoteModel look(Downloader downloader, Snapshot snapshot, Consumer<TransferEvent> events)
            throws IOException, InterruptedException, EngineException {
        Wanted wanted = Wanted.of(snapshot, Optional.empty());
        if (wanted.weights().stream().anyMatch(file -> !file.name().endsWith(".safetensors"))
                || snapshot.file("config.json").isEmpty()) {
            return new RemoteModel(snapshot, wanted, Optional.empty(), Map.of());
        }
        Path config = downloader.fetch(snapshot, snapshot.file("config.json").get(), events);
        ModelConfig parsed = ModelConfig.read(config);
        Path folder = Files.createTempDirectory("atelier-look");
        try {
            standIns(downloader, snapshot, wanted, folder, events);
            try (ModelFiles files = ModelFiles.open(folder)) {
                boolean small = parsed.nested("quantization").isPresent()
                        || files.tensors().keySet().stream()
                                .anyMatch(name -> name.endsWith(".scales") || name.endsWith("_blocks"));
                boolean opens = files.tensors().keySet().stream().noneMatch(name -> name.endsWith(".weight_packed"));
                Optional<ModelSize> asPublished = opens
                        ? Optional.of(ModelSize.of(parsed, files.tensors(), _ -> Optional.empty()))
                        : Optional.empty();
                Map<Form, ModelSize> quantized = new EnumMap<>(Form.class);
                for (Form form : Form.values()) {
                    if (form.quantizes() && !small) {
                        Recipe recipe = ModelInstaller.recipe(form);
                        quantized.put(
                                form,
                                ModelSize.of(parsed, files.tensors(), module -> Optional.of(recipe.scheme(module))));
                    }
                }
                return new RemoteModel(snapshot, wanted, asPublished, quantized);
            }
        } finally {
            remove(folder);
        }
    }

    private static void standIns(
            Downloader downloader, Snapshot snapshot, Wanted wanted, Path folder, Consumer<TransferEvent> events)
            throws IOException, InterruptedException {
        Retries retries = downloader.retries(snapshot.repository().toString(), events);
        for (RepoFile file : wanted.weights()) {
            byte[] header = new RemoteShard(downloader.hub(), snapshot, file).header(retries);
            RemoteShard.standIn(folder.resolve(file.name()), header, file.sizeBytes());
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    /**
     * Refuses what the engine can't open, by its texts and headers, before its weights come. Folders of several models
     * are left to the check of the whole.
     *
     * @throws EngineException why not, in one sentence
     */
    static void requireRunnable(Downloader downloader, Snapshot snapshot, Wanted wanted, Consumer<TransferEvent> events)
            throws IOException, InterruptedException, EngineException {
        boolean several = wanted.files().stream().anyMatch(file -> file.path().contains("/"));
        if (several || isHere(downloader, snapshot, wanted)) {
            return;
        }
        Path folder = Files.createTempDirectory("atelier-look");
        try {
            for (RepoFile text : wanted.texts()) {
                Files.copy(downloader.fetch(snapshot, text, events), folder.resolve(text.name()));
            }
            standIns(downloader, snapshot, wanted, folder, events);
            ModelCheck.check(folder);
        } finally {
            remove(folder);
        }
    }

    private static boolean isHere(Downloader downloader, Snapshot snapshot, Wanted wanted) throws IOException {
        for (RepoFile file : wanted.weights()) {
            boolean missing = downloader
                    .cache()
                    .find(snapshot.repository(), snapshot.commit(), file.path(), file.sizeBytes())
                    .isEmpty();
            if (missing) {
                return false;
            }
        }
        return true;
    }
}
