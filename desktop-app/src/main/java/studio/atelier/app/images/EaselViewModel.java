package studio.atelier.app.images;

import java.util.Optional;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.Picture;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.image.PictureEvent;
import studio.atelier.engine.image.PictureFile;

/** What is being drawn: opens the model, draws the pictures of an order one after another, and keeps each. FX thread. */
final class EaselViewModel {
    /** Makes an order with the open model. */
    @FunctionalInterface
    interface Ordering {
        Order of(PictureEngine engine) throws Refusal;
    }

    /** Who hears of it. */
    interface Listener {
        /** Something is going to be drawn. */
        void begun();

        /** A picture is in the folder and in the archive. */
        void kept(SavedPicture saved);

        /** Nothing came of an order: it was refused, or stopped before anything could be seen. */
        void gaveUp(Order order);

        /** Something is worth a notice, by its key. */
        void noticed(String key);

        /** The file of the picture that an order changes; empty when there is none. */
        String parentFile(Order order);
    }

    private final PictureFolder folder;
    private final Background background;
    private final FrameBatcher frames;
    private final PictureModelsViewModel models;
    private final Listener listener;
    private final ReadOnlyObjectWrapper<EaselState> state = new ReadOnlyObjectWrapper<>(new EaselState.Idle());
    private Optional<Order> running = Optional.empty();
    private Optional<Easel> easel = Optional.empty();

    EaselViewModel(
            PictureFolder folder,
            PictureModelsViewModel models,
            Background background,
            FrameBatcher frames,
            Listener listener) {
        this.folder = folder;
        this.models = models;
        this.background = background;
        this.frames = frames;
        this.listener = listener;
    }

    ReadOnlyObjectProperty<EaselState> stateProperty() {
        return state.getReadOnlyProperty();
    }

    boolean busy() {
        return state.get().busy();
    }

    /** Draws what is ordered, unless something is being drawn. */
    void begin(Ordering ordering) {
        if (busy()) {
            return;
        }
        Optional<PictureModels.Choice> choice = models.chosenProperty().get();
        if (choice.isEmpty()) {
            fail(Trouble.of("images.trouble.no-model"));
            return;
        }
        state.set(new EaselState.Opening(choice.get().name()));
        listener.begun();
        models.running()
                .open(
                        choice.get(),
                        engine -> {
                            try {
                                next(engine, ordering.of(engine));
                            } catch (Refusal refusal) {
                                state.set(new EaselState.Failed(refusal.trouble));
                            } catch (IllegalArgumentException e) {
                                // What nobody can draw, such as too many pictures to follow.
                                state.set(new EaselState.Failed(Trouble.refused(e)));
                            }
                        },
                        failure -> state.set(new EaselState.Failed(RunningPictures.trouble(failure))));
    }

    private void next(PictureEngine engine, Order order) {
        running = Optional.of(order);
        long began = System.nanoTime();
        drawing(order, 0, Optional.empty(), began);
        easel = Optional.of(new Easel(engine, order.next(), frames, event -> {
            switch (event) {
                case PictureEvent.Progress progress -> drawing(order, progress.done(), progress.partial(), began);
                case PictureEvent.Finished finished -> keep(engine, finished.file(), finished.seconds(), true);
                case PictureEvent.Cancelled cancelled ->
                    cancelled
                            .partial()
                            .ifPresentOrElse(
                                    file -> keep(engine, file, (System.nanoTime() - began) / 1e9, false),
                                    () -> giveUp(order));
                case PictureEvent.Failed failed -> {
                    giveUp(order);
                    state.set(new EaselState.Failed(Trouble.of(failed.cause())));
                }
            }
        }));
    }

    private void drawing(Order order, double done, Optional<Picture> partial, long began) {
        Optional<Picture> seen = partial.isPresent()
                ? partial
                : state.get() instanceof EaselState.Drawing before && before.number() == order.number()
                        ? before.partial()
                        : Optional.empty();
        state.set(new EaselState.Drawing(
                done, seen, order.number(), order.count(), order.currentSeed(), began, order.form()));
    }

    private void keep(PictureEngine engine, PictureFile made, double seconds, boolean whole) {
        Order order = running.orElseThrow();
        String parentFile = listener.parentFile(order);
        background.inOrder(
                () -> {
                    PictureFile told = order.told(made, parentFile);
                    return folder.keep(
                            order.cutsOut() && whole ? Orders.cutOut(told) : told,
                            order.parent(),
                            new PictureFolder.Story(order.thread(), order.origin(), order.prompt(), whole, seconds));
                },
                saved -> {
                    if (order.cutsOut() && whole && saved.alpha().equals("none")) {
                        listener.noticed("images.notice.not-plain");
                    }
                    listener.kept(saved);
                    Order now = running.orElse(order);
                    if (now.isLast()) {
                        rest();
                    } else {
                        next(engine, now.following(saved.thread()));
                    }
                },
                failure -> {
                    giveUp(order);
                    fail(failure);
                });
    }

    private void giveUp(Order order) {
        rest();
        listener.gaveUp(order);
    }

    private void rest() {
        running = Optional.empty();
        easel = Optional.empty();
        state.set(new EaselState.Idle());
    }

    /** Stops the drawing; what there is of the picture is kept. */
    void stop() {
        switch (state.get()) {
            case EaselState.Opening _ -> {
                models.running().unload();
                state.set(new EaselState.Idle());
            }
            case EaselState.Drawing _ -> {
                running = running.map(Orders::last);
                easel.ifPresent(Easel::stop);
            }
            case EaselState.Idle _, EaselState.Failed _ -> {}
        }
    }

    /** Says what went wrong; what is being drawn goes on. */
    void fail(Exception failure) {
        fail(
                failure instanceof EngineException known
                        ? Trouble.of(known)
                        : Trouble.said("images.trouble.file", failure));
    }

    private void fail(Trouble trouble) {
        if (!busy()) {
            state.set(new EaselState.Failed(trouble));
        }
    }

    /** Forgets what went wrong. */
    void dismiss() {
        if (state.get() instanceof EaselState.Failed) {
            state.set(new EaselState.Idle());
        }
    }

    void close() {
        easel.ifPresent(Easel::stop);
    }
}
