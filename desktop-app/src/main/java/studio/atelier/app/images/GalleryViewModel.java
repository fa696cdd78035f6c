package studio.atelier.app.images;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.library.SavedPicture;

/** All pictures that are kept, and those whose words were searched for. Belongs to the FX thread. */
public final class GalleryViewModel {
    private final PictureFolder folder;
    private final Background background;
    private final Consumer<Exception> failed;
    private final ObservableList<SavedPicture> all = FXCollections.observableArrayList();
    private final ObservableList<SavedPicture> found = FXCollections.observableArrayList();
    /** One view for all who listen: one of its own for each caller would be collected, and its listeners with it. */
    private final ObservableList<SavedPicture> allView = FXCollections.unmodifiableObservableList(all);

    private final ObservableList<SavedPicture> foundView = FXCollections.unmodifiableObservableList(found);
    private final StringProperty search = new SimpleStringProperty("");
    private int searches;

    GalleryViewModel(PictureFolder folder, Background background, Consumer<Exception> failed) {
        this.folder = folder;
        this.background = background;
        this.failed = failed;
        search.addListener((_, _, text) -> find(text));
    }

    /** Everything, the latest first. */
    public ObservableList<SavedPicture> all() {
        return allView;
    }

    /** What the search leaves, the latest first; everything when nothing is searched for. */
    public ObservableList<SavedPicture> found() {
        return foundView;
    }

    /** Words that the prompt holds. */
    public StringProperty searchProperty() {
        return search;
    }

    public Path fileOf(SavedPicture picture) {
        return folder.fileOf(picture);
    }

    void refresh() {
        background.inOrder(
                () -> folder.archive().list(),
                kept -> {
                    all.setAll(kept);
                    find(search.get());
                },
                failed);
    }

    void added(SavedPicture picture) {
        all.addFirst(picture);
        find(search.get());
    }

    void delete(SavedPicture picture) {
        all.removeIf(other -> other.id() == picture.id());
        found.removeIf(other -> other.id() == picture.id());
        background.inOrder(
                () -> {
                    folder.archive().delete(picture.id());
                    return picture;
                },
                _ -> {},
                failed);
    }

    void restore(SavedPicture picture) {
        background.inOrder(
                () -> {
                    folder.archive().restore(picture.id());
                    return picture;
                },
                _ -> refresh(),
                failed);
    }

    private void find(String text) {
        int number = ++searches;
        if (text.isBlank()) {
            found.setAll(all);
            return;
        }
        background.inOrder(() -> folder.archive().search(text), hits -> show(number, hits), failed);
    }

    /** What was searched for earlier comes too late. */
    private void show(int number, List<SavedPicture> hits) {
        if (number == searches) {
            found.setAll(hits);
        }
    }
}
