package studio.atelier.app.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import studio.atelier.app.concurrent.Background;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.PictureEngine;

/** Which model draws. Belongs to the FX thread. */
public final class PictureModelsViewModel {
    private final PictureModels models;
    private final Background background;
    private final RunningPictures running;
    private final ObservableList<PictureModels.Choice> choices = FXCollections.observableArrayList();
    /** One view for all who listen: one of its own for each caller would be collected, and its listeners with it. */
    private final ObservableList<PictureModels.Choice> choicesView = FXCollections.unmodifiableObservableList(choices);

    private final List<PictureModels.Choice> opened = new ArrayList<>();
    private final ReadOnlyObjectWrapper<Optional<PictureModels.Choice>> chosen =
            new ReadOnlyObjectWrapper<>(Optional.empty());

    PictureModelsViewModel(PictureModels models, Background background) {
        this.models = models;
        this.background = background;
        this.running = new RunningPictures(models, background);
    }

    public RunningPictures running() {
        return running;
    }

    /** What can be chosen. */
    public ObservableList<PictureModels.Choice> choices() {
        return choicesView;
    }

    /** The model that draws next. */
    public ReadOnlyObjectProperty<Optional<PictureModels.Choice>> chosenProperty() {
        return chosen.getReadOnlyProperty();
    }

    /** Looks what is there; the first is chosen when none is, and opened when it came with the program. */
    void refresh(Consumer<Exception> failed) {
        background.atOnce(
                models::known,
                known -> {
                    List<PictureModels.Choice> all = new ArrayList<>(known);
                    opened.stream().filter(choice -> !all.contains(choice)).forEach(all::add);
                    choices.setAll(all);
                    if (chosen.get().isEmpty() && !all.isEmpty()) {
                        chosen.set(Optional.of(all.getFirst()));
                        if (all.getFirst().included()) {
                            running.open(all.getFirst(), _ -> {}, failed);
                        }
                    }
                },
                failed);
    }

    /** Opens the chosen model, or the first there is, for something that is asked of it. */
    void whenOpen(Consumer<PictureEngine> then, Consumer<Exception> failed) {
        if (chosen.get().isPresent()) {
            running.open(chosen.get().get(), then, failed);
            return;
        }
        background.atOnce(
                models::known,
                known -> {
                    choices.setAll(known);
                    if (known.isEmpty()) {
                        failed.accept(new EngineException(
                                EngineException.Reason.REQUEST_UNSUPPORTED,
                                "There is no model of pictures yet; download Janus-Pro or FLUX.2 klein."));
                    } else {
                        choose(known.getFirst());
                        running.open(known.getFirst(), then, failed);
                    }
                },
                failed);
    }

    /** Draws with another model from now on. */
    public void choose(PictureModels.Choice choice) {
        if (!chosen.get().equals(Optional.of(choice))) {
            chosen.set(Optional.of(choice));
        }
    }

    /** Takes a model from a folder of the person's choice; it is opened with the next picture. */
    public void chooseFolder(Path folder) {
        PictureModels.Choice choice = models.in(folder);
        if (!choices.contains(choice)) {
            opened.add(choice);
            choices.add(choice);
        }
        choose(choice);
    }
}
