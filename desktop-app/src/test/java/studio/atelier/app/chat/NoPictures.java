package studio.atelier.app.chat;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import studio.atelier.app.running.PictureTalk;
import studio.atelier.engine.EngineException;

/** What a conversation turns to where there is no model of pictures. */
final class NoPictures implements PictureTalk {
    @Override
    public void bring(Path file, Consumer<String> then, Consumer<Exception> failed) {
        failed.accept(new java.io.IOException("There is no folder of pictures."));
    }

    @Override
    public Path fileOf(String name) {
        return Path.of(name);
    }

    @Override
    public Runnable answer(String words, Optional<String> picture, Consumer<Told> told) {
        told.accept(new Told.Failed(
                new EngineException(EngineException.Reason.REQUEST_UNSUPPORTED, "There is no model of pictures.")));
        return () -> {};
    }
}
