package studio.atelier.app.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.ViewModelThread;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.models.store.StarterPictures;

/** One model of pictures at a time, however many ask for it and whenever they do. */
final class RunningPicturesTest {
    @TempDir
    Path folder;

    private final ViewModelThread thread = new ViewModelThread();
    private final AtomicInteger opens = new AtomicInteger();
    private final CountDownLatch mayOpen = new CountDownLatch(1);
    private final List<PictureEngine> open = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final RunningPictures running =
            thread.call(() -> new RunningPictures(new SlowModels(), thread.background()));

    /** The model that comes with the program, opened when the test says so. */
    private final class SlowModels implements PictureModels {
        @Override
        public List<Choice> known() {
            return List.of();
        }

        @Override
        public Choice in(Path place) {
            return new Choice(place, "Mosaic", false);
        }

        @Override
        public PictureEngine open(Choice choice) throws EngineException {
            opens.incrementAndGet();
            try {
                mayOpen.await();
                return PictureEngine.open(
                        StarterPictures.layOut(folder).orElseThrow(), choice.name(), BackendChoice.CPU);
            } catch (InterruptedException | java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @AfterEach
    void close() {
        thread.run(running::close);
        thread.close();
    }

    private void ask(String name) {
        running.open(
                new PictureModels.Choice(folder.resolve(name), name, false),
                open::add,
                failure -> failures.add(String.valueOf(failure.getMessage())));
    }

    @Test
    void whoAsksWhileItIsBeingOpenedGetsTheSame() {
        thread.run(() -> {
            ask("one");
            ask("one");
        });
        mayOpen.countDown();
        thread.await("both", () -> open.size() == 2);
        assertSame(open.getFirst(), open.getLast());
        assertEquals(1, opens.get());
        assertTrue(failures.isEmpty(), failures.toString());
    }

    @Test
    void whoWaitsIsToldThatAnotherIsOpenedInstead() {
        thread.run(() -> {
            ask("one");
            ask("two");
        });
        mayOpen.countDown();
        thread.await("the other", () -> open.size() == 1);
        assertEquals("two", thread.call(() -> open.getFirst().info().name()));
        assertEquals(List.of("Opening one was given up before it was done; ask again."), failures);
    }

    @Test
    void whoWaitsIsToldThatNoneIsOpenedAnyMore() {
        thread.run(() -> {
            ask("one");
            running.unload();
            assertEquals(1, failures.size());
            ask("one");
        });
        mayOpen.countDown();
        thread.await("it", () -> open.size() == 1);
        assertEquals(1, failures.size());
    }
}
