package studio.atelier.app.models;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import studio.atelier.app.running.ModelState;
import studio.atelier.app.running.RunningModel;

/** Which models can be chosen, and the one action that makes sense now. Belongs to the FX thread. */
public final class ModelPickerViewModel {
    private static final int MOST_REMEMBERED = 8;

    private final RunningModel running;
    private Optional<KnownModel> included;
    private final Consumer<Memory> remember;
    private final ObservableList<KnownModel> known = FXCollections.observableArrayList();
    private final ObservableList<KnownModel> knownToRead = FXCollections.unmodifiableObservableList(known);
    private Optional<Path> last;

    /**
     * What is kept from one start of the program to the next.
     *
     * @param opened folders opened before, the latest first
     * @param last the model used last
     */
    public record Memory(List<Path> opened, Optional<Path> last) {}

    /** @param remember takes what is to be kept whenever it changes */
    public ModelPickerViewModel(
            RunningModel running, Optional<KnownModel> included, Memory before, Consumer<Memory> remember) {
        this.running = running;
        this.included = included;
        this.remember = remember;
        included.ifPresent(known::add);
        before.opened().forEach(folder -> known.add(opened(folder)));
        last = before.last().or(() -> included.map(KnownModel::folder));
    }

    /** Calls the model that came with the program what the window's language calls it. */
    public void nameIncluded(String name) {
        included = included.map(model -> new KnownModel(model.folder(), name, model.origin()));
        included.ifPresent(model -> known.set(0, model));
    }

    /** Opens the model that came with the program, if it was used last: it is there before anyone has to wait. */
    public void openIncludedIfUsedLast() {
        if (included.map(KnownModel::folder).equals(last)) {
            openLast();
        }
    }

    /** Opens the model used last, or else the one that came with the program, or else nothing. */
    public void openLast() {
        last.ifPresent(this::open);
    }

    public ReadOnlyObjectProperty<ModelState> stateProperty() {
        return running.stateProperty();
    }

    /** The model that came with the program first, then those opened before, the latest first. */
    public ObservableList<KnownModel> known() {
        return knownToRead;
    }

    /** A name for people: the included model has one of its own, the others are called like their folders. */
    public String nameOf(Path folder) {
        return known.stream()
                .filter(model -> model.folder().equals(folder))
                .findFirst()
                .map(KnownModel::name)
                .orElse(ModelState.nameOf(folder));
    }

    /** Opens a folder and remembers it for the next time. */
    public void open(Path folder) {
        last = Optional.of(folder);
        boolean comesWithTheProgram =
                included.map(model -> model.folder().equals(folder)).orElse(false);
        if (!comesWithTheProgram) {
            known.removeIf(model -> model.folder().equals(folder));
            known.add(included.isPresent() ? 1 : 0, opened(folder));
            while (known.size() > MOST_REMEMBERED) {
                known.removeLast();
            }
        }
        rememberOrder();
        running.open(folder);
    }

    /** The model that Load opens: the one used last, or else the one that came with the program. */
    public Optional<Path> last() {
        return last;
    }

    /** Does the one action that makes sense now: load, cancel, unload or try again. */
    public void act() {
        switch (running.stateProperty().get()) {
            case ModelState.None _ -> last.ifPresent(this::open);
            case ModelState.Loading _ -> running.cancelOpening();
            case ModelState.Open _ -> running.unload();
            case ModelState.Refused refused -> open(refused.folder());
        }
    }

    private void rememberOrder() {
        List<Path> opened = known.stream()
                .filter(model -> model.origin() == KnownModel.Origin.OPENED_BEFORE)
                .map(KnownModel::folder)
                .toList();
        // The included model may lie elsewhere in the next version of the program.
        boolean isIncluded = last.equals(included.map(KnownModel::folder));
        remember.accept(new Memory(opened, isIncluded ? Optional.empty() : last));
    }

    private static KnownModel opened(Path folder) {
        return new KnownModel(folder, ModelState.nameOf(folder), KnownModel.Origin.OPENED_BEFORE);
    }
}
