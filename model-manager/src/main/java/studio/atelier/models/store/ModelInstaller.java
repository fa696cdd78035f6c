package studio.atelier.models.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import studio.atelier.engine.EngineException;
import studio.atelier.models.convert.ArrivingQuantizer;
import studio.atelier.models.convert.ModelCheck;
import studio.atelier.models.convert.Recipe;
import studio.atelier.models.download.DiskSpace;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Progress;
import studio.atelier.models.download.RepositoryDownload;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Volume;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.gguf.GgufConverter;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HuggingFaceHub;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.Snapshot;

/**
 * From a request to an installed model: pins, downloads, converts, and writes the manifest last. Each step goes on where
 * an earlier run ended.
 *
 * @param downloaders one for each source
 */
public record ModelInstaller(
        ModelStore store, Map<QueueItem.Source, Downloader> downloaders, String program, Clock clock)
        implements DownloadQueue.Job {

    public ModelInstaller {
        downloaders = Map.copyOf(downloaders);
    }

    @Override
    public void run(QueueItem item, Consumer<String> pinned, Consumer<Progress> progress)
            throws IOException, InterruptedException {
        store.requireTarget();
        try {
            install(item, pinned, progress);
        } catch (EngineException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void install(QueueItem item, Consumer<String> pinned, Consumer<Progress> progress)
            throws IOException, InterruptedException, EngineException {
        Downloader downloader = downloader(item);
        progress.accept(Progress.NONE);
        QueueItem.Request request = item.request();
        boolean byCommit = request.source() == QueueItem.Source.HUGGING_FACE;
        String revision = byCommit ? item.commit().orElse(request.revision()) : request.revision();
        var download = new RepositoryDownload(downloader);
        Snapshot found = download.pin(request.repository(), revision, event -> waiting(event, progress));
        // A branch keeps its name, also when an earlier run pinned what it stands for.
        Snapshot snapshot = new Snapshot(request.repository(), request.revision(), found.commit(), found.files());
        pinned.accept(snapshot.commit());
        Wanted wanted = Wanted.of(snapshot, request.variant());
        var meter = new ProgressMeter(
                wanted.weights().stream().map(RepoFile::path).collect(Collectors.toSet()),
                wanted.sizeBytes(),
                System::nanoTime,
                progress);
        boolean gguf = wanted.weights().getFirst().name().endsWith(".gguf");
        Path entry = entry(item, gguf);
        if (ModelManifest.read(entry).isPresent()) {
            return;
        }
        if (request.form().quantizes() && !gguf) {
            quantize(item, snapshot, wanted, entry, downloader, meter);
            return;
        }
        if (!gguf) {
            RemoteModel.requireRunnable(downloader, snapshot, wanted, event -> waiting(event, progress));
        }
        Path folder = download.fetch(snapshot, wanted, meter::transfer);
        if (gguf) {
            DiskSpace.check(Volume.REAL, entry.toAbsolutePath(), wanted.sizeBytes());
            convert(folder.resolve(wanted.weights().getFirst().path()), entry);
            finish(item, snapshot, "GGUF, " + wanted.weights().getFirst().name(), entry, entry, Map.of(), meter);
        } else {
            ModelCheck.check(folder);
            Files.createDirectories(entry);
            finish(item, snapshot, ModelManifest.AS_PUBLISHED, folder, entry, Map.of(), meter);
        }
    }

    private static void waiting(TransferEvent event, Consumer<Progress> progress) {
        if (event instanceof TransferEvent.Waiting waiting) {
            String why = String.valueOf(waiting.failure().getMessage());
            progress.accept(new Progress(QueueItem.Step.STALLED, why, 0, 0, 0, 0, 0, Optional.empty()));
        }
    }

    private static void convert(Path file, Path entry) throws IOException, EngineException {
        if (!Files.exists(entry)) {
            Path parent = entry.toAbsolutePath().getParent();
            Files.createDirectories(parent == null ? entry : parent);
            GgufConverter.convert(file, entry, _ -> {});
        }
    }

    private void quantize(
            QueueItem item, Snapshot snapshot, Wanted wanted, Path entry, Downloader downloader, ProgressMeter meter)
            throws IOException, InterruptedException, EngineException {
        Recipe recipe = recipe(item.request().form());
        List<RepoFile> weights = wanted.weights();
        new ArrivingQuantizer(downloader, recipe)
                .quantize(
                        snapshot,
                        wanted,
                        entry,
                        (made, errors) -> finish(
                                item, snapshot, recipe.toString(), made, made, ModelManifest.relative(errors), meter),
                        event -> meter.arriving(
                                event,
                                event instanceof ArrivingQuantizer.Event.Planned planned
                                        ? weights.stream()
                                                .limit(planned.shardsDone())
                                                .mapToLong(RepoFile::sizeBytes)
                                                .sum()
                                        : 0));
    }

    /** What a form means for the weights. */
    static Recipe recipe(Form form) {
        return switch (form) {
            case AS_PUBLISHED, FOUR_BIT_AS_IT_ARRIVES -> Recipe.usual();
            case MIXED_AS_IT_ARRIVES -> Recipe.careful();
            case EIGHT_BIT_AS_IT_ARRIVES -> Recipe.eightBits();
        };
    }

    private static String suffix(Form form) {
        return switch (form) {
            case AS_PUBLISHED -> "";
            case FOUR_BIT_AS_IT_ARRIVES -> "-4bit";
            case MIXED_AS_IT_ARRIVES -> "-4bit-6bit";
            case EIGHT_BIT_AS_IT_ARRIVES -> "-8bit";
        };
    }

    /** Hashes what is there and writes the manifest. */
    private void finish(
            QueueItem item,
            Snapshot snapshot,
            String recipe,
            Path folder,
            Path entry,
            Map<String, Double> errors,
            ProgressMeter meter)
            throws IOException, InterruptedException {
        List<ModelManifest.FileEntry> files = ModelManifest.filesOf(folder, meter::verifying);
        new ModelManifest(
                        snapshot.repository().toString(),
                        item.request().revision(),
                        snapshot.commit(),
                        downloader(item).hub().http().settings().endpoint().toString(),
                        licence(item, snapshot),
                        recipe,
                        folder,
                        files,
                        errors,
                        program,
                        clock.instant())
                .write(entry);
    }

    /** Kept with the model, because a hub may change its mind; a hub that says nothing now is no reason to fail. */
    private Optional<String> licence(QueueItem item, Snapshot snapshot) throws InterruptedException, HubException {
        Downloader downloader = downloader(item);
        if (downloader.hub() instanceof HuggingFaceHub hub
                && !hub.http().settings().offline()) {
            try {
                return hub.model(snapshot.repository(), downloader.retries("", TransferEvent.IGNORED))
                        .licence();
            } catch (HubException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private Downloader downloader(QueueItem item) throws HubException {
        Downloader downloader = downloaders.get(item.request().source());
        if (downloader == null) {
            throw HubException.lasting(
                    HubException.Reason.NOT_A_HUB,
                    "The source " + item.request().source() + " is not set up.");
        }
        return downloader;
    }

    private Path entry(QueueItem item, boolean gguf) {
        String suffix = gguf
                ? "-gguf"
                        + item.request()
                                .variant()
                                .map(variant -> "-" + variant.replaceAll("[^A-Za-z0-9_]", "_"))
                                .orElse("")
                : suffix(item.request().form());
        return store.entry(item.request().repository(), suffix);
    }

    @Override
    public void discard(QueueItem item) throws IOException {
        ArrivingQuantizer.discard(entry(item, false));
        Downloader downloader = downloader(item);
        Path blobs = downloader.cache().folder(item.request().repository()).resolve("blobs");
        if (Files.isDirectory(blobs)) {
            try (Stream<Path> parts = Files.list(blobs)) {
                for (Path part : parts.toList()) {
                    if (String.valueOf(part.getFileName()).contains(".atelier-part")) {
                        Files.delete(part);
                    }
                }
            }
        }
    }
}
