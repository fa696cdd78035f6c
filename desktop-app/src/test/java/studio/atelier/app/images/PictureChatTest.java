package studio.atelier.app.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.running.PictureTalk.Told;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ViewModelThread;

/** Pictures in a conversation, with the model that comes with the program, opened when the test says so. */
final class PictureChatTest {
    @TempDir
    Path folder;

    private final ViewModelThread thread = new ViewModelThread();
    private final List<Told> told = new ArrayList<>();

    private SlowPictureModels models;
    private ImagesViewModel images;

    @BeforeEach
    void build() {
        models = new SlowPictureModels(folder);
        images = thread.call(() -> new ImagesViewModel(pictures(), models, thread.background(), thread.frames()));
    }

    private PictureFolder pictures() {
        return new PictureFolder(folder, new MemoryArchive(Clock.systemUTC()).pictures(), Clock.systemUTC());
    }

    private Runnable ask() {
        PictureChat chat = new PictureChat(pictures(), images, thread.background(), thread.frames());
        return thread.call(() -> chat.answer("a red heart", Optional.empty(), told::add));
    }

    @AfterEach
    void close() {
        thread.run(images::close);
        thread.close();
    }

    @Test
    void drawsWhatIsSaid() {
        models.mayOpen.countDown();
        ask();
        thread.await("a picture", () -> !told.isEmpty() && told.getLast() instanceof Told.Drawn);
    }

    @Test
    void canBeStoppedBeforeTheModelIsOpen() {
        Runnable stop = ask();
        thread.run(stop);
        assertEquals(List.of(new Told.Ended(true)), told);
        models.mayOpen.countDown();
        thread.await("the model", () -> images.model().isPresent());
        thread.run(stop);
        assertEquals(List.of(new Told.Ended(true)), told, "nothing is drawn any more");
    }
}
