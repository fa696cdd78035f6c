package studio.atelier.app.images;

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

    private final PictureModels models;
    private final Background background;
    private final ReadOnlyObjectWrapper<State> state = new ReadOnlyObjectWrapper<>(new State.None());

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

    /** Opens a model, unless it is open, and closes the one before. */
    void open(PictureModels.Choice choice, Consumer<PictureEngine> then, Consumer<Exception> failed) {
        if (state.get() instanceof State.Open open && open.choice().equals(choice)) {
            then.accept(open.engine());
            return;
        }
        closeBeside();
        State.Opening opening = new State.Opening(choice);
        state.set(opening);
        background.atOnce(
                () -> models.open(choice),
                engine -> {
                    if (state.get() != opening) {
                        closeBeside(engine);
                        return;
                    }
                    state.set(new State.Open(choice, engine));
                    then.accept(engine);
                },
                failure -> {
                    if (state.get() == opening) {
                        state.set(new State.Refused(choice, failure));
                        failed.accept(failure);
                    }
                });
    }

    /** Gives the memory back; what is being opened is closed when it is there. */
    void unload() {
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
