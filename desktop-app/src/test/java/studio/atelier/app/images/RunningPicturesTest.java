package studio.atelier.app.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.ViewModelThread;
import studio.atelier.engine.image.PictureEngine;

/** One model of pictures at a time, however many ask for it and whenever they do. */
final class RunningPicturesTest {
    @TempDir
    Path folder;

    private final ViewModelThread thread = new ViewModelThread();
    private final List<PictureEngine> open = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private SlowPictureModels models;
    private RunningPictures running;

    @BeforeEach
    void build() {
        models = new SlowPictureModels(folder);
        running = thread.call(() -> new RunningPictures(models, thread.background()));
    }

    @AfterEach
    void close() {
        thread.run(running::close);
        thread.close();
    }

    private void ask(String name) {
        running.open(
                models.in(folder.resolve(name)),
                open::add,
                failure -> failures.add(String.valueOf(failure.getMessage())));
    }

    @Test
    void whoAsksWhileItIsBeingOpenedGetsTheSame() {
        thread.run(() -> {
            ask("one");
            ask("one");
        });
        models.mayOpen.countDown();
        thread.await("both", () -> open.size() == 2);
        assertSame(open.getFirst(), open.getLast());
        assertEquals(1, models.opens.get());
        assertTrue(failures.isEmpty(), failures.toString());
    }

    @Test
    void whoWaitsIsToldThatAnotherIsOpenedInstead() {
        thread.run(() -> {
            ask("one");
            ask("two");
        });
        models.mayOpen.countDown();
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
        models.mayOpen.countDown();
        thread.await("it", () -> open.size() == 1);
        assertEquals(1, failures.size());
    }
}
