package studio.atelier.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.Engine;
import studio.atelier.models.catalog.FitEstimate;
import studio.atelier.models.catalog.Machine;
import studio.atelier.models.catalog.ModelSize;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.download.QueueItem.State;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.hostile.GoldenHub;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.RepoId;

/** From a request in the queue to a model in the store, and back. */
final class InstallTest {
    @TempDir
    private Path folder;

    private HostileHub server;
    private Visitor visitor;
    private ModelStore store;
    private ModelInstaller installer;

    @BeforeEach
    void open() throws Exception {
        server = GoldenHub.of("qwen3_moe", folder, 3);
        visitor = new Visitor(server.endpoint(), folder.resolve("cache"));
        store = new ModelStore(List.of(folder.resolve("models"), folder.resolve("unplugged")), visitor.cache());
        installer =
                new ModelInstaller(store, Map.of(Source.HUGGING_FACE, visitor.downloader()), "test", Clock.systemUTC());
    }

    @AfterEach
    void close() {
        visitor.close();
        server.close();
    }

    private static QueueItem.Request request(Form form) {
        return new QueueItem.Request(HostileHub.REPOSITORY, "main", Source.HUGGING_FACE, form, Optional.empty());
    }

    private DownloadQueue queue() throws IOException {
        return DownloadQueue.open(folder.resolve("downloads.json"), installer, Clock.systemUTC());
    }

    private static QueueItem await(DownloadQueue queue, long id, Predicate<QueueItem> what)
            throws InterruptedException {
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (System.nanoTime() < deadline) {
            for (QueueItem item : queue.items()) {
                if (item.id() == id && what.test(item)) {
                    return item;
                }
            }
            Thread.sleep(5);
        }
        throw new AssertionError("waited in vain: " + queue.items());
    }

    private InstalledModel install(Form form) throws Exception {
        try (DownloadQueue queue = queue()) {
            long id = queue.add(request(form)).id();
            QueueItem done = await(queue, id, item -> item.state() == State.FINISHED || item.state() == State.FAILED);
            assertEquals(State.FINISHED, done.state(), done.message());
            assertEquals(done.progress().totalBytes(), done.progress().doneBytes());
            assertEquals(3, done.progress().shardsDone());
            queue.remove(id);
        }
        List<InstalledModel> models = store.models();
        assertEquals(1, models.size());
        return models.getFirst();
    }

    private static void damage(Path file) throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() - 3);
            int before = bytes.read();
            bytes.seek(bytes.length() - 3);
            bytes.write(before ^ 1);
        }
    }

    @Test
    void fourBitModelIsInstalledVerifiedAndRemoved() throws Exception {
        InstalledModel model = install(Form.FOUR_BIT_AS_IT_ARRIVES);
        Engine.check(model.place());
        ModelManifest manifest = model.manifest().orElseThrow();
        assertEquals("maker/model", manifest.repository());
        assertEquals(HostileHub.COMMIT, manifest.commit());
        assertEquals("affine 4-bit, group 64", manifest.recipe());
        assertEquals(Optional.of("mit"), manifest.licence());
        assertEquals("4-bit", model.format());
        double error = manifest.medianError().orElseThrow();
        assertTrue(error > 0.03 && error < 0.15, "median error " + error);
        assertFalse(manifest.errorByLayer().isEmpty());
        assertTrue(store.verify(manifest, _ -> {}).isWhole());
        damage(model.place().resolve("model.safetensors"));
        Files.delete(model.place().resolve("config.json"));
        ModelStore.Report report = store.verify(manifest, _ -> {});
        assertEquals(List.of("model.safetensors"), report.damaged());
        assertEquals(List.of("config.json"), report.missing());
        assertFalse(store.removeDamaged(manifest, report), "parts of a quantized model can't be had");
        long freed = store.delete(model);
        assertTrue(freed >= manifest.sizeBytes() - 2_000, freed + " of " + manifest.sizeBytes());
        assertEquals(List.of(), store.models());
        assertFalse(Files.exists(model.place()));
    }

    @Test
    void publishedModelStaysInTheSharedCacheAndIsRepaired() throws Exception {
        InstalledModel model = install(Form.AS_PUBLISHED);
        assertTrue(model.place().startsWith(visitor.cache().root()));
        ModelManifest manifest = model.manifest().orElseThrow();
        Path weights = model.place().resolve("model-00002-of-00003.safetensors");
        damage(weights.toRealPath());
        ModelStore.Report report = store.verify(manifest, _ -> {});
        assertEquals(List.of("model-00002-of-00003.safetensors"), report.damaged());
        assertTrue(store.removeDamaged(manifest, report));
        server.forget();
        visitor.download();
        assertTrue(store.verify(manifest, _ -> {}).isWhole());
        assertTrue(server.seen().stream()
                .filter(HostileHub.Seen::store)
                .allMatch(request -> request.target().contains("00002-of")));
        long freed = store.delete(model);
        assertTrue(freed > manifest.sizeBytes() * 9 / 10, freed + " of " + manifest.sizeBytes());
        try (var blobs =
                Files.list(visitor.cache().folder(HostileHub.REPOSITORY).resolve("blobs"))) {
            assertEquals(0, blobs.count());
        }
    }

    @Test
    void queuePausesResumesAndSurvivesARestart() throws Exception {
        AtomicBoolean held = new AtomicBoolean(true);
        server.setFault(request -> {
            if (request.isRange() && held.get()) {
                sleep(30);
            }
            return false;
        });
        long id;
        try (DownloadQueue queue = queue()) {
            id = queue.add(request(Form.AS_PUBLISHED)).id();
            assertEquals(id, queue.add(request(Form.AS_PUBLISHED)).id(), "the same model twice");
            await(queue, id, item -> item.progress().doneBytes() > 20_000);
            queue.pause(id);
            QueueItem paused = await(queue, id, item -> item.state() == State.PAUSED);
            assertEquals(Optional.of(HostileHub.COMMIT), paused.commit());
            sleep(300);
            int asked = server.ranges().size();
            sleep(300);
            assertEquals(asked, server.ranges().size(), "it goes on though it is paused");
            queue.resume(id);
            await(
                    queue,
                    id,
                    item -> item.state() == State.RUNNING && item.progress().doneBytes() > 40_000);
        }
        try (DownloadQueue queue = queue()) {
            held.set(false);
            QueueItem done = await(queue, id, item -> item.state() == State.FINISHED || item.state() == State.FAILED);
            assertEquals(State.FINISHED, done.state(), done.message());
        }
        assertEquals(1, store.models().size());
    }

    @Test
    void failureIsToldAndCancelLeavesNothing() throws Exception {
        server.setFault(request -> {
            boolean mine = request.isRange() && request.first() >= 20_000;
            if (mine) {
                request.answer(403);
            }
            return mine;
        });
        try (DownloadQueue queue = queue()) {
            long id = queue.add(request(Form.AS_PUBLISHED)).id();
            QueueItem failed = await(queue, id, item -> item.state() == State.FAILED);
            assertTrue(failed.message().contains("has run out"), failed.message());
            queue.cancel(id);
            assertEquals(List.of(), queue.items());
        }
        try (var blobs =
                Files.list(visitor.cache().folder(HostileHub.REPOSITORY).resolve("blobs"))) {
            assertTrue(blobs.noneMatch(blob -> blob.getFileName().toString().contains("atelier-part")));
        }
        assertEquals(List.of(), store.models());
    }

    @Test
    void whatTheEngineCantOpenIsRefusedBeforeItsWeightsCome() throws Exception {
        String config = new String(server.content("config.json")).replace("qwen3_moe", "unheard_of");
        server.with("config.json", config.getBytes());
        try (DownloadQueue queue = queue()) {
            long id = queue.add(request(Form.AS_PUBLISHED)).id();
            QueueItem failed = await(queue, id, item -> item.state() == State.FAILED);
            assertTrue(failed.message().contains("unheard_of"), failed.message());
        }
        assertTrue(server.ranges().size() <= 6, "more than headers were fetched: " + server.ranges());
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aLookTellsWhatFits() throws Exception {
        RemoteModel model = RemoteModel.look(visitor.downloader(), visitor.pin(), TransferEvent.IGNORED);
        assertTrue(model.isQuantizable());
        long published = model.asPublished().orElseThrow().weightBytes();
        ModelSize fourBits = Objects.requireNonNull(model.quantized().get(Form.FOUR_BIT_AS_IT_ARRIVES));
        long fourBit = fourBits.weightBytes();
        assertTrue(fourBit > published / 4 && fourBit < published / 2, fourBit + " of " + published);
        assertTrue(server.ranges().size() <= 6, "more than headers were fetched: " + server.ranges());
        Machine machine = Machine.of(4L << 30, false);
        FitEstimate estimate = FitEstimate.of(fourBits, machine, 1_000, true);
        assertTrue(estimate.verdict() instanceof FitEstimate.Verdict.Fits);
        assertEquals(fourBit, (long) estimate.weights().value());
        InstalledModel installed = install(Form.FOUR_BIT_AS_IT_ARRIVES);
        long real = installed.manifest().orElseThrow().files().stream()
                .filter(file -> file.name().endsWith(".safetensors"))
                .mapToLong(ModelManifest.FileEntry::sizeBytes)
                .sum();
        // The router keeps eight bits, and the file has a header.
        assertEquals(real, fourBit, real * 0.1);
    }

    @Test
    void otherProgramsModelsAreFoundAndNotRemoved() throws Exception {
        visitor.download();
        Path home = folder.resolve("home");
        Path studio = Files.createDirectories(home.resolve(".lmstudio/models/maker/Small-GGUF"));
        Files.write(studio.resolve("Small-Q4_0.gguf"), new byte[100]);
        Path ollama = Files.createDirectories(home.resolve(".ollama/models/manifests/registry.ollama.ai/library/tiny"));
        String digest = "a".repeat(64);
        Files.writeString(
                ollama.resolve("latest"),
                "{\"layers\":[{\"mediaType\":\"application/vnd.ollama.image.model\",\"digest\":\"sha256:" + digest
                        + "\"}]}");
        Files.writeString(ollama.resolve("broken"), "{\"layers\":[{\"digest\":\"sha256:../../x\"");
        Files.createDirectories(home.resolve(".ollama/models/blobs"));
        Files.write(home.resolve(".ollama/models/blobs/sha256-" + digest), new byte[70]);
        List<InstalledModel> found =
                new FoundModels(HubCache.at(folder.resolve("cache")), Map.of(), home, List.of()).models();
        assertEquals(
                List.of("model", "Small-Q4_0", "tiny:latest"),
                found.stream().map(InstalledModel::name).toList());
        assertEquals(70, found.getLast().sizeBytes());
        IOException refusal = assertThrows(IOException.class, () -> store.delete(found.getLast()));
        assertTrue(refusal.getMessage().contains("belongs to another program"), refusal.getMessage());
        assertTrue(Files.exists(home.resolve(".ollama/models/blobs/sha256-" + digest)));
    }

    @Test
    void halfWrittenModelsAreNone() throws Exception {
        Path entry = Files.createDirectories(store.entry(RepoId.parse("a/b"), ""));
        Files.writeString(entry.resolve("config.json"), "{}");
        assertEquals(List.of(), store.models());
        Files.writeString(entry.resolve(ModelManifest.NAME), "{\"format\":1,\"files\":[{\"na");
        assertEquals(List.of(), store.models());
    }
}
