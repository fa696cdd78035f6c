package studio.atelier.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineOptions;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.GenerationRequest;
import studio.atelier.engine.Sampling;
import studio.atelier.engine.Session;
import studio.atelier.engine.chat.Message;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.download.QueueItem.State;
import studio.atelier.models.hostile.GoldenHub;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Visitor;

/** A model answers, the same as ever, while another one is downloaded and quantized; and that one arrives whole. */
final class UsedMeanwhileTest {
    private static final long PATIENCE_SECONDS = 300;

    @TempDir
    private Path folder;

    private static String answer(Engine engine) throws EngineException {
        StringBuilder answer = new StringBuilder();
        CompletableFuture<Optional<EngineException>> ended = new CompletableFuture<>();
        List<Message> question = List.of(Message.user("Who are you?"));
        try (Session session = engine.newSession()) {
            session.generate(GenerationRequest.of(question, Sampling.greedy(), 60), event -> {
                switch (event) {
                    case GenerationEvent.Text text -> answer.append(text.text());
                    case GenerationEvent.Finished _ -> ended.complete(Optional.empty());
                    case GenerationEvent.Failed failed -> ended.complete(Optional.of(failed.cause()));
                    case GenerationEvent.Reading _, GenerationEvent.Reasoning _ -> {}
                    case GenerationEvent.ToolCall _, GenerationEvent.Written _ -> {}
                }
            });
            Optional<EngineException> failure =
                    ended.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
        return answer.toString();
    }

    private static QueueItem await(DownloadQueue queue, java.util.function.Predicate<QueueItem> what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!what.test(queue.items().getFirst())) {
            assertTrue(System.nanoTime() < deadline, "waited in vain: " + queue.items());
            LockSupport.parkNanos(1_000_000);
        }
        return queue.items().getFirst();
    }

    @Test
    void aModelAnswersWhileAnotherArrives() throws Exception {
        Path starter = StarterModel.layOut(folder.resolve("data")).orElseThrow();
        AtomicBoolean answered = new AtomicBoolean();
        try (HostileHub hub = GoldenHub.of("deepseek_v3", folder, 5);
                Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"));
                Engine engine = Engine.open(starter, EngineOptions.defaults(), _ -> {})) {
            String alone = answer(engine);
            assertTrue(alone.length() > 10, alone);
            hub.setFault(request -> {
                // The last file comes only when the answers are there.
                while (request.isRange() && request.path().contains("00005-of") && request.first() > 100_000) {
                    if (answered.get()) {
                        break;
                    }
                    LockSupport.parkNanos(1_000_000);
                }
                return false;
            });
            ModelStore store = new ModelStore(List.of(folder.resolve("models")), visitor.cache());
            ModelInstaller installer = new ModelInstaller(
                    store, Map.of(Source.HUGGING_FACE, visitor.downloader()), "test", Clock.systemUTC());
            try (DownloadQueue queue =
                    DownloadQueue.open(folder.resolve("downloads.json"), installer, Clock.systemUTC())) {
                queue.add(new QueueItem.Request(
                        HostileHub.REPOSITORY,
                        "main",
                        Source.HUGGING_FACE,
                        Form.FOUR_BIT_AS_IT_ARRIVES,
                        Optional.empty()));
                await(queue, item -> item.progress().doneBytes() > 0);
                for (int round = 0; round < 3; round++) {
                    assertEquals(alone, answer(engine));
                }
                assertEquals(State.RUNNING, queue.items().getFirst().state());
                answered.set(true);
                QueueItem done = await(queue, item -> item.state() == State.FINISHED || item.state() == State.FAILED);
                assertEquals(State.FINISHED, done.state(), done.message());
            }
            assertTrue(store.verify(store.models().getFirst().manifest().orElseThrow(), _ -> {})
                    .isWhole());
            Engine.check(store.models().getFirst().place());
        }
    }
}
