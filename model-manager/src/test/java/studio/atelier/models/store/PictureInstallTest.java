package studio.atelier.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.models.convert.ModelCheck;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.download.QueueItem.State;
import studio.atelier.models.hostile.GoldenHub;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Visitor;

/** A model of pictures on its way from a hub to the store, as it was published and smaller. */
final class PictureInstallTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"AS_PUBLISHED", "FOUR_BIT_AS_IT_ARRIVES"})
    void janusIsInstalled(Form form) throws Exception {
        try (HostileHub server = GoldenHub.of(GoldenHub.GOLDEN.resolve("image/janus-tiny"), folder, 3);
                Visitor visitor = new Visitor(server.endpoint(), folder.resolve("cache"))) {
            ModelStore store = new ModelStore(List.of(folder.resolve("models")), visitor.cache());
            ModelInstaller installer = new ModelInstaller(
                    store, Map.of(Source.HUGGING_FACE, visitor.downloader()), "test", Clock.systemUTC());
            try (DownloadQueue queue =
                    DownloadQueue.open(folder.resolve("downloads.json"), installer, Clock.systemUTC())) {
                long id = queue.add(new QueueItem.Request(
                                HostileHub.REPOSITORY, "main", Source.HUGGING_FACE, form, Optional.empty()))
                        .id();
                QueueItem done = await(queue, id);
                assertEquals(State.FINISHED, done.state(), done.message());
            }
            InstalledModel model = store.models().getFirst();
            assertTrue(PictureEngine.recognizes(model.place()));
            ModelCheck.check(model.place());
            try (ModelFiles files = ModelFiles.open(model.place())) {
                boolean smaller = files.tensors().keySet().stream().anyMatch(name -> name.endsWith(".scales"));
                assertEquals(form != Form.AS_PUBLISHED, smaller);
            }
        }
    }

    private static QueueItem await(DownloadQueue queue, long id) throws InterruptedException {
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (System.nanoTime() < deadline) {
            for (QueueItem item : queue.items()) {
                if (item.id() == id && (item.state() == State.FINISHED || item.state() == State.FAILED)) {
                    return item;
                }
            }
            Thread.sleep(5);
        }
        throw new AssertionError("waited in vain: " + queue.items());
    }
}
