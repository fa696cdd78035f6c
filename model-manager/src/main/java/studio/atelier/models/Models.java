package studio.atelier.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.hub.HubEnvironment;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubHttp;
import studio.atelier.models.hub.HuggingFaceHub;
import studio.atelier.models.hub.ModelScopeHub;
import studio.atelier.models.hub.Pauses;
import studio.atelier.models.hub.Retries;
import studio.atelier.models.hub.TokenStore;
import studio.atelier.models.store.Disks;
import studio.atelier.models.store.FoundModels;
import studio.atelier.models.store.InstalledModel;
import studio.atelier.models.store.ModelFolders;
import studio.atelier.models.store.ModelInstaller;
import studio.atelier.models.store.ModelStore;

/**
 * Everything that this machine has to do with models: hubs by the environment's words, the store in the data folder, the
 * queue beside it. Nothing is asked of any hub before somebody asks for something.
 */
public final class Models implements AutoCloseable {
    private static final String QUEUE = "downloads.json";

    private final HubHttp huggingFaceHttp;
    private final HubHttp modelScopeHttp;
    private final Map<Source, Downloader> downloaders = new EnumMap<>(Source.class);
    private final ModelStore store;
    private final FoundModels found;
    private final ModelFolders folders;
    private final Disks disks;
    private final ModelInstaller installer;
    private final Path queueFile;

    private Models(HubEnvironment environment, Path dataFolder, String program) throws IOException {
        huggingFaceHttp =
                new HubHttp(environment.settings(tokens(environment, dataFolder).read()));
        modelScopeHttp = new HubHttp(environment.modelScopeSettings());
        HubCache cache = new HubCache(environment.cacheFolder(), !environment.refusesSymlinks());
        HubCache secondCache = HubCache.at(dataFolder.resolve("modelscope"));
        downloaders.put(Source.HUGGING_FACE, Downloader.usual(new HuggingFaceHub(huggingFaceHttp), cache));
        downloaders.put(Source.MODEL_SCOPE, Downloader.usual(new ModelScopeHub(modelScopeHttp), secondCache));
        folders = new ModelFolders(dataFolder);
        disks = Disks.ofThisMachine(environment.home());
        store = new ModelStore(folders.all(), cache);
        found = new FoundModels(cache, environment.variables(), environment.home(), store.folders());
        installer = new ModelInstaller(store, downloaders, program, Clock.systemUTC());
        queueFile = dataFolder.resolve(QUEUE);
    }

    /**
     * By the environment.
     *
     * @param dataFolder where the program keeps its things
     * @param program the version of Atelier, for manifests
     * @throws IOException when a variable of the environment makes no sense, or the list of folders doesn't
     */
    public static Models open(HubEnvironment environment, Path dataFolder, String program) throws IOException {
        return new Models(environment, dataFolder, program);
    }

    /** Where a token that the person typed is kept; the hub is asked with it when {@link #open} is called after. */
    public static TokenStore tokens(HubEnvironment environment, Path dataFolder) {
        return TokenStore.of(System.getProperty("os.name", ""), environment.variables(), dataFolder);
    }

    /** Whether an earlier run left something in the queue. */
    public static boolean hasDownloads(Path dataFolder) {
        return Files.isRegularFile(dataFolder.resolve(QUEUE));
    }

    /** For a source. */
    public Downloader downloader(Source source) {
        Downloader downloader = downloaders.get(source);
        if (downloader == null) {
            throw new IllegalArgumentException("source: expected one of " + downloaders.keySet() + ", got " + source);
        }
        return downloader;
    }

    public ModelStore store() {
        return store;
    }

    /** Where models lie; a change is seen by the next {@link #open}. */
    public ModelFolders folders() {
        return folders;
    }

    /** Where they may lie too. */
    public Disks disks() {
        return disks;
    }

    public ModelInstaller installer() {
        return installer;
    }

    /** Opens the queue and goes on with what it holds; whoever opens it closes it. One at a time. */
    public DownloadQueue openQueue() throws IOException {
        return DownloadQueue.open(queueFile, installer, Clock.systemUTC());
    }

    /** Patience that tells about its waits. */
    public static Retries patience(BiConsumer<HubException, java.time.Duration> onWait) {
        return new Retries(Pauses.REAL, onWait);
    }

    /** What Atelier installed, and then what other programs have; the same files are named once. */
    public List<InstalledModel> installed() throws IOException {
        List<InstalledModel> models = new ArrayList<>(store.models());
        Set<Path> known = new HashSet<>();
        models.forEach(model -> known.add(model.place().toAbsolutePath().normalize()));
        for (InstalledModel model : found.models()) {
            if (known.add(model.place().toAbsolutePath().normalize())) {
                models.add(model);
            }
        }
        return List.copyOf(models);
    }

    /** The one that a person means by this text; Atelier's own come first. */
    public Optional<InstalledModel> find(String text) throws IOException {
        Optional<InstalledModel> own = store.find(text);
        return own.isPresent()
                ? own
                : installed().stream()
                        .filter(model -> model.name().equalsIgnoreCase(text))
                        .findFirst();
    }

    @Override
    public void close() {
        huggingFaceHttp.close();
        modelScopeHttp.close();
    }
}
