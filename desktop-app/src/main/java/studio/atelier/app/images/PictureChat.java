package studio.atelier.app.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.app.running.PictureTalk;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.image.DescriptionEvent;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.image.PictureEvent;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureRequest;
import studio.atelier.engine.image.Provenance;

/** Pictures in a conversation, with the model that the panel has chosen; what is drawn is in the gallery as well. */
public final class PictureChat implements PictureTalk {
    private static final int MOST_ANSWER_TOKENS = 256;
    private static final Pattern QUESTION = Pattern.compile(
            "(?s).*[?？]\\s*$|(?i)(what|how many|which|who|where|describe|is there|are there)\\b.*|(描述|什么|多少|几个|有没有).*");

    private final PictureFolder folder;
    private final ImagesViewModel images;
    private final Background background;
    private final FrameBatcher frames;

    public PictureChat(PictureFolder folder, ImagesViewModel images, Background background, FrameBatcher frames) {
        this.folder = folder;
        this.images = images;
        this.background = background;
        this.frames = frames;
    }

    @Override
    public void bring(Path file, Consumer<String> then, Consumer<Exception> failed) {
        background.inOrder(
                () -> {
                    PictureFile read = PictureFile.read(file);
                    String words = read.provenance().map(Provenance::prompt).orElse(String.valueOf(file.getFileName()));
                    return folder.keep(
                            read,
                            OptionalLong.empty(),
                            new PictureFolder.Story(0, SavedPicture.Origin.BROUGHT, words, true, 0));
                },
                saved -> {
                    images.gallery().added(saved);
                    then.accept(saved.file());
                },
                failed);
    }

    @Override
    public Path fileOf(String name) {
        return folder.fileOf(name);
    }

    @Override
    public Runnable answer(String words, Optional<String> picture, Consumer<Told> told) {
        AtomicBoolean stopped = new AtomicBoolean();
        // Until something is begun, stopping is only to let it be.
        AtomicReference<Runnable> stop = new AtomicReference<>(() -> {
            if (!stopped.getAndSet(true)) {
                told.accept(new Told.Ended(true));
            }
        });
        Consumer<Told> heard = event -> {
            if (!stopped.get()) {
                told.accept(event);
            }
        };
        images.models()
                .whenOpen(
                        engine -> picture.ifPresentOrElse(
                                name -> background.inOrder(
                                        () -> source(name),
                                        source -> begin(engine, words, source, stop, stopped, heard),
                                        failure -> heard.accept(new Told.Failed(refused(failure)))),
                                () -> begin(engine, words, List.of(), stop, stopped, heard)),
                        failure -> heard.accept(new Told.Failed(refused(failure))));
        return () -> stop.get().run();
    }

    /** A kept picture with what its file says. */
    private record Source(SavedPicture picture, PictureFile file) {}

    private List<Source> source(String name) throws java.io.IOException {
        for (SavedPicture picture : folder.archive().list()) {
            if (picture.file().equals(name)) {
                return List.of(new Source(picture, folder.read(picture)));
            }
        }
        throw new java.io.IOException("The picture " + name + " was deleted; bring it again to talk about it.");
    }

    private void begin(
            PictureEngine engine,
            String words,
            List<Source> source,
            AtomicReference<Runnable> stop,
            AtomicBoolean stopped,
            Consumer<Told> told) {
        if (stopped.get()) {
            return;
        }
        if (!source.isEmpty() && QUESTION.matcher(words.strip()).matches()) {
            var task = engine.describe(
                    source.getFirst().file().picture(),
                    words,
                    MOST_ANSWER_TOKENS,
                    event -> frames.post(() -> told.accept(of(event))));
            stop.set(task::cancel);
            return;
        }
        try {
            Order order = source.isEmpty()
                    ? Orders.drawing(Recipe.usual().withPrompt(words), engine.info())
                    : Orders.changing(
                            source.getFirst().picture(),
                            source.getFirst().file(),
                            words,
                            List.of(),
                            Optional.empty(),
                            engine.info());
            long began = System.nanoTime();
            PictureRequest request = order.next();
            Easel easel = new Easel(engine, request, frames, event -> {
                switch (event) {
                    case PictureEvent.Progress progress -> told.accept(new Told.Progress(progress.done()));
                    case PictureEvent.Finished finished ->
                        keep(order, source, finished.file(), finished.seconds(), true, told);
                    case PictureEvent.Cancelled cancelled ->
                        cancelled
                                .partial()
                                .ifPresentOrElse(
                                        file -> keep(
                                                order, source, file, (System.nanoTime() - began) / 1e9, false, told),
                                        () -> told.accept(new Told.Ended(true)));
                    case PictureEvent.Failed failed -> told.accept(new Told.Failed(failed.cause()));
                }
            });
            stop.set(easel::stop);
        } catch (Refusal refusal) {
            told.accept(new Told.Failed(new EngineException(
                    Reason.REQUEST_UNSUPPORTED,
                    "The message has " + words.length() + " characters, and models of pictures read at most "
                            + PictureRequest.MOST_CHARACTERS + "; shorten it.")));
        } catch (IllegalArgumentException e) {
            told.accept(new Told.Failed(new EngineException(Reason.REQUEST_UNSUPPORTED, e.getMessage() + ".", e)));
        }
    }

    private void keep(
            Order order, List<Source> source, PictureFile made, double seconds, boolean whole, Consumer<Told> told) {
        background.inOrder(
                () -> folder.keep(
                        order.told(
                                made,
                                source.isEmpty()
                                        ? ""
                                        : source.getFirst().picture().file()),
                        order.parent(),
                        new PictureFolder.Story(order.thread(), order.origin(), order.prompt(), whole, seconds)),
                saved -> {
                    images.gallery().added(saved);
                    told.accept(new Told.Drawn(saved.file(), whole));
                },
                failure -> told.accept(new Told.Failed(refused(failure))));
    }

    private static Told of(DescriptionEvent event) {
        return switch (event) {
            case DescriptionEvent.Text(String text) -> new Told.Said(text);
            case DescriptionEvent.Finished(boolean cancelled) -> new Told.Ended(cancelled);
            case DescriptionEvent.Failed(EngineException cause) -> new Told.Failed(cause);
        };
    }

    private static EngineException refused(Exception failure) {
        return failure instanceof EngineException known
                ? known
                : new EngineException(Reason.REQUEST_UNSUPPORTED, String.valueOf(failure.getMessage()), failure);
    }
}
