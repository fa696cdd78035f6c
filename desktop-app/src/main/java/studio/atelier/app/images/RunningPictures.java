package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import studio.atelier.app.concurrent.Background;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.image.PictureModelInfo;

/** The one model of pictures that is open. Belongs to the FX thread; opening and closing happen beside it. */
public final class RunningPictures implements AutoCloseable {
    /** What it is doing. */
    public sealed interface State {
        record None() implements State {}

        record Opening(PictureModels.Choice choice) implements State {}

        record Open(PictureModels.Choice choice, PictureEngine engine) implements State {
            PictureModelInfo info() {
                return engine.info();
            }
        }

        record Refused(PictureModels.Choice choice, Exception cause) implements State {}
    }

    /** Who asked for the model that is being opened. */
    private record Waiting(Consumer<PictureEngine> then, Consumer<Exception> failed) {}

    private final PictureModels models;
    private final Background background;
    private final ReadOnlyObjectWrapper<State> state = new ReadOnlyObjectWrapper<>(new State.None());

    private final List<Waiting> waiting = new ArrayList<>();

    RunningPictures(PictureModels models, Background background) {
        this.models = models;
        this.background = background;
    }

    public ReadOnlyObjectProperty<State> stateProperty() {
        return state.getReadOnlyProperty();
    }

    /** The open model. */
    Optional<PictureEngine> engine() {
        return state.get() instanceof State.Open open ? Optional.of(open.engine()) : Optional.empty();
    }

    /** Opens a model, unless it is open or about to be, and closes the one before. */
    void open(PictureModels.Choice choice, Consumer<PictureEngine> then, Consumer<Exception> failed) {
        switch (state.get()) {
            case State.Open open when open.choice().equals(choice) -> then.accept(open.engine());
            case State.Opening opening when opening.choice().equals(choice) -> waiting.add(new Waiting(then, failed));
            case State.None _, State.Opening _, State.Open _, State.Refused _ -> {
                giveUp();
                closeBeside();
                waiting.add(new Waiting(then, failed));
                begin(new State.Opening(choice));
            }
        }
    }

    private void begin(State.Opening opening) {
        state.set(opening);
        background.atOnce(
                () -> models.open(opening.choice()),
                engine -> {
                    if (state.get() != opening) {
                        closeBeside(engine);
                        return;
                    }
                    state.set(new State.Open(opening.choice(), engine));
                    told().forEach(each -> each.then().accept(engine));
                },
                failure -> {
                    if (state.get() == opening) {
                        state.set(new State.Refused(opening.choice(), failure));
                        told().forEach(each -> each.failed().accept(failure));
                    }
                });
    }

    /** Those who wait, to be told now. */
    private List<Waiting> told() {
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }

    /** Tells those who wait for a model that it will not be opened. */
    private void giveUp() {
        if (state.get() instanceof State.Opening opening) {
            EngineException why = new EngineException(
                    EngineException.Reason.CLOSED,
                    "Opening " + opening.choice().name() + " was given up before it was done; ask again.");
            told().forEach(each -> each.failed().accept(why));
        }
    }

    /** Gives the memory back; what is being opened is closed when it is there. */
    void unload() {
        giveUp();
        closeBeside();
        state.set(new State.None());
    }

    private void closeBeside() {
        engine().ifPresent(this::closeBeside);
    }

    private void closeBeside(PictureEngine gone) {
        background.atOnce(
                () -> {
                    gone.close();
                    return gone;
                },
                _ -> {},
                _ -> {});
    }

    /** What an exception of opening is to the person. */
    static Trouble trouble(Exception failure) {
        return failure instanceof EngineException known
                ? Trouble.of(known)
                : Trouble.said("failure.model-folder-incomplete", failure);
    }

    @Override
    public void close() {
        engine().ifPresent(PictureEngine::close);
        state.set(new State.None());
    }
}
