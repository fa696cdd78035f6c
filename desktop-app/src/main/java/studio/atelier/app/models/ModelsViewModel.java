package studio.atelier.app.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.models.Models;
import studio.atelier.models.catalog.Machine;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.Volume;
import studio.atelier.models.hub.HubEnvironment;
import studio.atelier.models.hub.Snapshot;
import studio.atelier.models.store.InstalledModel;
import studio.atelier.models.store.ModelStore;

/**
 * Models on their way and here, and what stands beside them: hubs, the token, folders. Belongs to the FX thread; whatever waits for a network or a disk runs
 * beside it. Nothing is asked of the hub before the person comes here.
 */
public final class ModelsViewModel implements AutoCloseable {
    /** A check of a model's files, or a removal, as the person is told. */
    public sealed interface Told {
        record Checking(String name) implements Told {}

        record Whole(String name, int files) implements Told {}

        record Damaged(String name, List<String> files) implements Told {}

        record Removed(String name, long freedBytes) implements Told {}

        record Failed(String message) implements Told {}
    }

    private final Rooms rooms;
    private final Background background;
    private final FrameBatcher frames;
    private final DiscoverViewModel discover;
    private final TokenViewModel token;
    private final FoldersViewModel folders;
    private final ReadOnlyObjectWrapper<Optional<Told>> told = new ReadOnlyObjectWrapper<>(Optional.empty());
    private final ReadOnlyObjectWrapper<Long> free = new ReadOnlyObjectWrapper<>(0L);
    private final ObservableList<QueueItem> queueItems = FXCollections.observableArrayList();
    private final ObservableList<InstalledModel> installed = FXCollections.observableArrayList();
    private final ObservableList<QueueItem> queueSeen = FXCollections.unmodifiableObservableList(queueItems);
    private final ObservableList<InstalledModel> installedSeen = FXCollections.unmodifiableObservableList(installed);
    private final AtomicReference<List<QueueItem>> latest = new AtomicReference<>(List.of());

    /**
     * Over one data folder.
     *
     * @param program the version of Atelier, for manifests
     */
    public ModelsViewModel(
            HubEnvironment environment,
            Path dataFolder,
            String program,
            Background background,
            FrameBatcher frames,
            Machine machine) {
        this.rooms = new Rooms(() -> Models.open(environment, dataFolder, program), this::queueChanged);
        this.background = background;
        this.frames = frames;
        this.discover = new DiscoverViewModel(rooms, background, machine);
        this.token = new TokenViewModel(Models.tokens(environment, dataFolder), background, rooms, this::refresh);
        this.folders = new FoldersViewModel(rooms, environment.home(), background, this::refresh);
    }

    /** What hubs have. */
    public DiscoverViewModel discover() {
        return discover;
    }

    public TokenViewModel token() {
        return token;
    }

    /** Where models are kept. */
    public FoldersViewModel folders() {
        return folders;
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

    /** Goes on with the downloads of an earlier run; to be called when there are any. */
    public void goOn() {
        background.atOnce(rooms::queue, _ -> {}, this::tellFailure);
    }

    /** Reads what is here, and goes on with what was on its way. */
    public void refresh() {
        background.atOnce(
                () -> {
                    rooms.queue();
                    return rooms.models().installed();
                },
                installed::setAll,
                this::tellFailure);
        folders.refresh();
        background.atOnce(
                () -> Volume.REAL.usableBytes(rooms.models().store().folders().getFirst()),
                free::set,
                this::tellFailure);
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

    /** Puts a model into the queue. */
    public void install(LookState.Seen seen, Form form) {
        Snapshot snapshot = seen.remote().snapshot();
        QueueItem.Request request = new QueueItem.Request(
                snapshot.repository(), snapshot.revision(), seen.source(), form, Optional.empty());
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
                    task.run(rooms.queue());
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
                    () -> rooms.models().store().verify(manifest, _ -> {}),
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
                () -> rooms.models().store().delete(model),
                freed -> {
                    told.set(Optional.of(new Told.Removed(model.name(), freed)));
                    refresh();
                },
                this::tellFailure);
    }

    private void tellFailure(Exception failure) {
        told.set(Optional.of(new Told.Failed(words(failure))));
    }

    static String words(Exception failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /** Stops what is on its way; it goes on at the next start. */
    @Override
    public void close() {
        rooms.close();
    }
}
