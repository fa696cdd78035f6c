package studio.atelier.app.models;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import studio.atelier.app.concurrent.Background;
import studio.atelier.models.Models;
import studio.atelier.models.catalog.FitEstimate;
import studio.atelier.models.catalog.Machine;
import studio.atelier.models.catalog.ModelSize;
import studio.atelier.models.catalog.Recommendations;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.download.RepositoryDownload;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Volume;
import studio.atelier.models.hub.ModelHub;
import studio.atelier.models.hub.ModelSummary;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Retries;
import studio.atelier.models.hub.SearchQuery;
import studio.atelier.models.hub.Snapshot;
import studio.atelier.models.store.RemoteModel;

/** What hubs have, and how it fits. Belongs to the FX thread; nothing is asked before the person comes here. */
public final class DiscoverViewModel {
    /** The context that memory is calculated for where nobody chose another. */
    static final int CONTEXT_TOKENS = 8_192;

    private final Rooms rooms;
    private final Background background;
    private final Machine machine;
    private final ReadOnlyObjectWrapper<SearchState> search = new ReadOnlyObjectWrapper<>(new SearchState.Idle());
    private final ReadOnlyObjectWrapper<LookState> look = new ReadOnlyObjectWrapper<>(new LookState.None());
    private int searches;
    private int looks;

    DiscoverViewModel(Rooms rooms, Background background, Machine machine) {
        this.rooms = rooms;
        this.background = background;
        this.machine = machine;
    }

    public ReadOnlyObjectProperty<SearchState> searchProperty() {
        return search.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<LookState> lookProperty() {
        return look.getReadOnlyProperty();
    }

    public Machine machine() {
        return machine;
    }

    /** Worth trying first on this machine. */
    public List<Recommendations.Recommended> recommended() {
        return Recommendations.forMachine(machine);
    }

    /** Asks a hub; the answer to the latest question counts. */
    public void search(Source source, SearchQuery query) {
        int mine = ++searches;
        search.set(new SearchState.Searching());
        background.atOnce(
                () -> answer(rooms.models().downloader(source).hub(), query),
                found -> {
                    if (mine == searches) {
                        search.set(new SearchState.Found(source, found));
                    }
                },
                failure -> {
                    if (mine == searches) {
                        search.set(new SearchState.Failed(ModelsViewModel.words(failure)));
                    }
                });
    }

    /** A repository's own name brings that one first. */
    private static List<ModelSummary> answer(ModelHub hub, SearchQuery query) throws IOException, InterruptedException {
        Retries patience = Models.patience((_, _) -> {});
        Optional<RepoId> exact = query.text().contains("/") ? RepoId.find(query.text()) : Optional.empty();
        return exact.isPresent() ? List.of(hub.model(exact.get(), patience)) : hub.search(query, patience);
    }

    /** Looks at one repository of the usual hub, as a link asks for it. */
    public void open(RepoId repository) {
        search(Source.HUGGING_FACE, SearchQuery.of(repository.toString()));
        look(Source.HUGGING_FACE, ModelSummary.named(repository));
    }

    /** Reads a model's headers. */
    public void look(Source source, ModelSummary model) {
        int mine = ++looks;
        look.set(new LookState.Looking(source, model));
        background.atOnce(
                () -> seen(source, model),
                seen -> {
                    if (mine == looks) {
                        look.set(seen);
                    }
                },
                failure -> {
                    if (mine == looks) {
                        look.set(new LookState.Refused(source, model, ModelsViewModel.words(failure)));
                    }
                });
    }

    private LookState seen(Source source, ModelSummary model) throws Exception {
        Models now = rooms.models();
        Downloader downloader = now.downloader(source);
        Snapshot snapshot = new RepositoryDownload(downloader)
                .pin(model.repository(), downloader.hub().usualRevision(), TransferEvent.IGNORED);
        RemoteModel remote = RemoteModel.look(downloader, snapshot, TransferEvent.IGNORED);
        Map<Form, FitEstimate> quantized = new EnumMap<>(Form.class);
        remote.quantized().forEach((form, size) -> quantized.put(form, fit(size)));
        return new LookState.Seen(
                source,
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
}
