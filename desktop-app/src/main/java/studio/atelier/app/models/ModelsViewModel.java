package studio.atelier.app.models;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.models.Models;
import studio.atelier.models.catalog.FitEstimate;
import studio.atelier.models.catalog.Machine;
import studio.atelier.models.catalog.ModelSize;
import studio.atelier.models.catalog.Recommendations;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.download.RepositoryDownload;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Volume;
import studio.atelier.models.hub.ModelSummary;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.SearchQuery;
import studio.atelier.models.hub.Snapshot;
import studio.atelier.models.store.InstalledModel;
import studio.atelier.models.store.ModelStore;
import studio.atelier.models.store.RemoteModel;

/**
 * Models at the hub, on their way, and here. Belongs to the FX thread; whatever waits for a network or a disk runs
 * beside it. Nothing is asked of the hub before the person comes here.
 */
public final class ModelsViewModel implements AutoCloseable {
    /** The context that memory is calculated for where nobody chose another. */
    static final int CONTEXT_TOKENS = 8_192;

    /** Makes the rooms behind this, on first use: reading the environment may fail. */
    @FunctionalInterface
    public interface Opening {
        Models open() throws IOException;
    }

    /** A check of a model's files, or a removal, as the person is told. */
    public sealed interface Told {
        record Checking(String name) implements Told {}

        record Whole(String name, int files) implements Told {}

        record Damaged(String name, List<String> files) implements Told {}

        record Removed(String name, long freedBytes) implements Told {}

        record Failed(String message) implements Told {}
    }

    private final Opening opening;
    private final Background background;
    private final FrameBatcher frames;
    private final Machine machine;
    private final ReadOnlyObjectWrapper<SearchState> search = new ReadOnlyObjectWrapper<>(new SearchState.Idle());
    private final ReadOnlyObjectWrapper<LookState> look = new ReadOnlyObjectWrapper<>(new LookState.None());
    private final ReadOnlyObjectWrapper<Optional<Told>> told = new ReadOnlyObjectWrapper<>(Optional.empty());
    private final ReadOnlyObjectWrapper<Long> free = new ReadOnlyObjectWrapper<>(0L);
    private final ObservableList<QueueItem> queueItems = FXCollections.observableArrayList();
    private final ObservableList<InstalledModel> installed = FXCollections.observableArrayList();
    private final ObservableList<QueueItem> queueSeen = FXCollections.unmodifiableObservableList(queueItems);
    private final ObservableList<InstalledModel> installedSeen = FXCollections.unmodifiableObservableList(installed);
    private final Object lock = new Object();
    private @Nullable Models models;
    private @Nullable DownloadQueue queue;
    private boolean closed;
    private final AtomicReference<List<QueueItem>> latest = new AtomicReference<>(List.of());
    private int searches;
    private int looks;

    public ModelsViewModel(Opening opening, Background background, FrameBatcher frames, Machine machine) {
        this.opening = opening;
        this.background = background;
        this.frames = frames;
        this.machine = machine;
    }

    public ReadOnlyObjectProperty<SearchState> searchProperty() {
        return search.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<LookState> lookProperty() {
        return look.getReadOnlyProperty();
    }

    /** What the last check or removal came to. */
    public ReadOnlyObjectProperty<Optional<Told>> toldProperty() {
        return told.getReadOnlyProperty();
    }

    /** Free on the disk that new models go to. */
    public ReadOnlyObjectProperty<Long> freeBytesProperty() {
        return free.getReadOnlyProperty();
    }

    /** Models on their way, front first. */
    public ObservableList<QueueItem> queue() {
        return queueSeen;
    }

    public ObservableList<InstalledModel> installed() {
        return installedSeen;
    }

    public Machine machine() {
        return machine;
    }

    /** Worth trying first on this machine. */
    public List<Recommendations.Recommended> recommended() {
        return Recommendations.forMachine(machine);
    }

    /** Goes on with the downloads of an earlier run; to be called when there are any. */
    public void goOn() {
        background.atOnce(this::theQueue, _ -> {}, this::tellFailure);
    }

    /** Reads what is here, and goes on with what was on its way. */
    public void refresh() {
        background.atOnce(
                () -> {
                    theQueue();
                    return theModels().installed();
                },
                installed::setAll,
                this::tellFailure);
        background.atOnce(
                () -> Volume.REAL.usableBytes(theModels().store().folders().getFirst()), free::set, this::tellFailure);
    }

    private Models theModels() throws IOException {
        synchronized (lock) {
            if (closed) {
                throw new IOException("The window is closing.");
            }
            Models now = models;
            if (now == null) {
                now = opening.open();
                models = now;
            }
            return now;
        }
    }

    private DownloadQueue theQueue() throws IOException {
        synchronized (lock) {
            DownloadQueue now = queue;
            if (now == null) {
                now = theModels().openQueue();
                now.listen(this::queueChanged);
                queue = now;
                queueChanged(now.items());
            }
            return now;
        }
    }

    /** Many changes between two frames become one. */
    private void queueChanged(List<QueueItem> items) {
        List<QueueItem> before = latest.getAndSet(items);
        frames.post(() -> {
            if (latest.get() == items) {
                queueItems.setAll(items);
            }
        });
        if (finished(items) > finished(before)) {
            frames.post(this::refresh);
        }
    }

    private static long finished(List<QueueItem> items) {
        return items.stream()
                .filter(item -> item.state() == QueueItem.State.FINISHED)
                .count();
    }

    /** Asks the hub; the answer to the latest question counts. */
    public void search(SearchQuery query) {
        int mine = ++searches;
        search.set(new SearchState.Searching());
        background.atOnce(
                () -> answer(query),
                found -> {
                    if (mine == searches) {
                        search.set(new SearchState.Found(found));
                    }
                },
                failure -> {
                    if (mine == searches) {
                        search.set(new SearchState.Failed(words(failure)));
                    }
                });
    }

    /** Looks at one repository, as a link asks for it. */
    public void open(RepoId repository) {
        int mine = ++searches;
        search.set(new SearchState.Searching());
        background.atOnce(
                () -> theModels().hub().model(repository, Models.patience((_, _) -> {})),
                model -> {
                    if (mine == searches) {
                        search.set(new SearchState.Found(List.of(model)));
                        look(model);
                    }
                },
                failure -> {
                    if (mine == searches) {
                        search.set(new SearchState.Failed(words(failure)));
                    }
                });
    }

    /** A repository's own name brings that one first. */
    private List<ModelSummary> answer(SearchQuery query) throws IOException, InterruptedException {
        Models now = theModels();
        Optional<RepoId> exact = query.text().contains("/") ? RepoId.find(query.text()) : Optional.empty();
        if (exact.isPresent()) {
            return List.of(now.hub().model(exact.get(), Models.patience((_, _) -> {})));
        }
        return now.hub().search(query, Models.patience((_, _) -> {}));
    }

    /** Reads a model's headers. */
    public void look(ModelSummary model) {
        int mine = ++looks;
        look.set(new LookState.Looking(model));
        background.atOnce(
                () -> seen(model),
                seen -> {
                    if (mine == looks) {
                        look.set(seen);
                    }
                },
                failure -> {
                    if (mine == looks) {
                        look.set(new LookState.Refused(model, words(failure)));
                    }
                });
    }

    /**
     * Looks at a repository by its name, as a link names it.
     *
     * @param repositoryId such as {@code owner/name}; anything else is told to the person
     */
    public void open(String repositoryId) {
        Optional<RepoId> repository = RepoId.find(repositoryId);
        if (repository.isEmpty()) {
            told.set(Optional.of(new Told.Failed(
                    "\"" + repositoryId + "\" names no model; expected owner/name, as the hub writes it.")));
            return;
        }
        search(SearchQuery.of(repository.get().toString()));
        look(ModelSummary.named(repository.get()));
    }

    private LookState seen(ModelSummary model) throws Exception {
        Models now = theModels();
        Downloader downloader = now.downloader(Source.HUGGING_FACE);
        Snapshot snapshot = new RepositoryDownload(downloader)
                .pin(model.repository(), downloader.hub().usualRevision(), TransferEvent.IGNORED);
        RemoteModel remote = RemoteModel.look(downloader, snapshot, TransferEvent.IGNORED);
        Map<Form, FitEstimate> quantized = new EnumMap<>(Form.class);
        remote.quantized().forEach((form, size) -> quantized.put(form, fit(size)));
        return new LookState.Seen(
                model,
                remote,
                quantized,
                remote.asPublished().map(this::fit),
                Volume.REAL.usableBytes(now.store().folders().getFirst()));
    }

    private FitEstimate fit(ModelSize size) {
        return FitEstimate.of(size, machine, Math.min(CONTEXT_TOKENS, size.contextTokens()), true);
    }

    /** From nothing but a number of parameters; every figure of it is an estimate. */
    public Optional<FitEstimate> roughFit(ModelSummary model) {
        return model.parameters().isPresent()
                ? Optional.of(FitEstimate.of(
                        ModelSize.ofParameters(model.parameters().getAsLong()), machine, CONTEXT_TOKENS, false))
                : Optional.empty();
    }

    /** Puts a model into the queue. */
    public void install(RepoId repository, Form form) {
        QueueItem.Request request =
                new QueueItem.Request(repository, "main", Source.HUGGING_FACE, form, Optional.empty());
        withQueue(line -> line.add(request));
    }

    public void pause(QueueItem item) {
        withQueue(line -> line.pause(item.id()));
    }

    public void resume(QueueItem item) {
        withQueue(line -> line.resume(item.id()));
    }

    public void cancel(QueueItem item) {
        withQueue(line -> line.cancel(item.id()));
    }

    /** Takes a finished one off the list. */
    public void dismiss(QueueItem item) {
        withQueue(line -> line.remove(item.id()));
    }

    private interface QueueTask {
        void run(DownloadQueue queue) throws IOException, InterruptedException;
    }

    private void withQueue(QueueTask task) {
        background.atOnce(
                () -> {
                    task.run(theQueue());
                    return true;
                },
                _ -> {},
                this::tellFailure);
    }

    /** Hashes a model's files anew. */
    public void verify(InstalledModel model) {
        model.manifest().ifPresent(manifest -> {
            told.set(Optional.of(new Told.Checking(model.name())));
            background.atOnce(
                    () -> theModels().store().verify(manifest, _ -> {}),
                    report -> told.set(Optional.of(result(model, report))),
                    this::tellFailure);
        });
    }

    private static Told result(InstalledModel model, ModelStore.Report report) {
        if (report.isWhole()) {
            return new Told.Whole(
                    model.name(),
                    model.manifest().map(manifest -> manifest.files().size()).orElse(0));
        }
        List<String> bad = new java.util.ArrayList<>(report.missing());
        bad.addAll(report.damaged());
        return new Told.Damaged(model.name(), bad);
    }

    /** Removes a model that Atelier installed. */
    public void delete(InstalledModel model) {
        background.atOnce(
                () -> theModels().store().delete(model),
                freed -> {
                    told.set(Optional.of(new Told.Removed(model.name(), freed)));
                    refresh();
                },
                this::tellFailure);
    }

    private void tellFailure(Exception failure) {
        told.set(Optional.of(new Told.Failed(words(failure))));
    }

    private static String words(Exception failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /** Stops what is on its way; it goes on at the next start. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (queue != null) {
                queue.close();
            }
            if (models != null) {
                models.close();
            }
        }
    }
}
