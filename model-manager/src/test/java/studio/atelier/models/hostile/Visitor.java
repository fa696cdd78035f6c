package studio.atelier.models.hostile;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.download.RepositoryDownload;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Volume;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.hub.HubHttp;
import studio.atelier.models.hub.HubSettings;
import studio.atelier.models.hub.HubToken;
import studio.atelier.models.hub.HuggingFaceHub;
import studio.atelier.models.hub.Snapshot;

/** Downloads the hostile hub's repository in small parts; its waits are written down and not waited. */
public final class Visitor implements AutoCloseable {
    public static final int PART_BYTES = 10_000;
    /** More than a busy machine ever needs: a stall that no test made would be counted. */
    private static final HubSettings.Patience PATIENT =
            new HubSettings.Patience(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(20), 2_000);

    private final HubHttp http;
    private final HuggingFaceHub hub;
    private final HubCache cache;
    private final Downloader downloader;
    private final List<TransferEvent> events = new CopyOnWriteArrayList<>();
    private final List<Duration> waits = new CopyOnWriteArrayList<>();

    public Visitor(URI endpoint, Path folder) {
        this(settings(endpoint), folder, Volume.REAL);
    }

    public Visitor(HubSettings settings, Path folder, Volume volume) {
        http = new HubHttp(settings);
        hub = new HuggingFaceHub(http);
        cache = HubCache.at(folder);
        downloader = new Downloader(hub, cache, volume, new Downloader.Options(PART_BYTES, 4), waits::add);
    }

    public static HubSettings settings(URI endpoint) {
        return HubSettings.of(endpoint)
                .withToken(new HubToken(HostileHub.TOKEN))
                .withPatience(PATIENT);
    }

    public HubHttp http() {
        return http;
    }

    public HuggingFaceHub hub() {
        return hub;
    }

    public HubCache cache() {
        return cache;
    }

    public Downloader downloader() {
        return downloader;
    }

    public List<TransferEvent> events() {
        return events;
    }

    public List<Duration> waits() {
        return waits;
    }

    /** Bytes that were written by this visitor. */
    public long receivedBytes() {
        return events.stream()
                .mapToLong(event -> event instanceof TransferEvent.Received received ? received.bytes() : 0)
                .sum();
    }

    public Snapshot pin() throws IOException, InterruptedException {
        return new RepositoryDownload(downloader).pin(HostileHub.REPOSITORY, "main", events::add);
    }

    /** Everything that is wanted of {@code main}. */
    public Path download() throws IOException, InterruptedException {
        Snapshot snapshot = pin();
        return new RepositoryDownload(downloader).fetch(snapshot, Wanted.of(snapshot, Optional.empty()), events::add);
    }

    @Override
    public void close() {
        http.close();
    }
}
