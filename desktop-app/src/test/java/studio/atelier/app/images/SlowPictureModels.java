package studio.atelier.app.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.models.store.StarterPictures;

/** The model that comes with the program, under any name, opened when a test says so. */
final class SlowPictureModels implements PictureModels {
    final CountDownLatch mayOpen = new CountDownLatch(1);
    final AtomicInteger opens = new AtomicInteger();
    private final Path folder;

    /** @param folder where its files are laid out */
    SlowPictureModels(Path folder) {
        this.folder = folder;
    }

    @Override
    public List<Choice> known() {
        return List.of(in(folder.resolve("model")));
    }

    @Override
    public Choice in(Path place) {
        return new Choice(place, String.valueOf(place.getFileName()), false);
    }

    @Override
    public PictureEngine open(Choice choice) throws EngineException {
        opens.incrementAndGet();
        try {
            mayOpen.await();
            return PictureEngine.open(StarterPictures.layOut(folder).orElseThrow(), choice.name(), BackendChoice.CPU);
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
