package studio.atelier.app.images;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.library.SavedPicture;

/** The picture that is looked at, and the thread of versions that it belongs to. Belongs to the FX thread. */
final class VersionsViewModel {
    private final PictureFolder folder;
    private final Background background;
    private final Consumer<Exception> failed;
    private final ReadOnlyObjectWrapper<Optional<SavedPicture>> shown = new ReadOnlyObjectWrapper<>(Optional.empty());
    private final ReadOnlyObjectWrapper<Boolean> watching = new ReadOnlyObjectWrapper<>(true);
    private final ObservableList<SavedPicture> thread = FXCollections.observableArrayList();
    /** One view for all who listen: one of its own for each caller would be collected, and its listeners with it. */
    private final ObservableList<SavedPicture> threadView = FXCollections.unmodifiableObservableList(thread);

    /** @param failed told when a thread can't be read */
    VersionsViewModel(PictureFolder folder, Background background, Consumer<Exception> failed) {
        this.folder = folder;
        this.background = background;
        this.failed = failed;
    }

    /** The picture that is looked at; empty before there is one. */
    ReadOnlyObjectProperty<Optional<SavedPicture>> shownProperty() {
        return shown.getReadOnlyProperty();
    }

    Optional<SavedPicture> shown() {
        return shown.get();
    }

    /** Whether the screen follows what is being drawn. */
    ReadOnlyObjectProperty<Boolean> watchingProperty() {
        return watching.getReadOnlyProperty();
    }

    /** The versions, the oldest first. */
    ObservableList<SavedPicture> thread() {
        return threadView;
    }

    /** The version with this number; empty when there is no number or no such version here. */
    Optional<SavedPicture> version(OptionalLong id) {
        return thread.stream()
                .filter(other -> id.isPresent() && other.id() == id.getAsLong())
                .findFirst();
    }

    /** Takes a new picture in: onto the screen where that follows the drawing, else only into its own thread. */
    void add(SavedPicture saved) {
        boolean sameThread = !thread.isEmpty() && thread.getFirst().thread() == saved.thread();
        if (watching.get()) {
            if (!sameThread) {
                thread.clear();
            }
            thread.add(saved);
            shown.set(Optional.of(saved));
        } else if (sameThread) {
            thread.add(saved);
        }
    }

    /** Shows a picture and reads the thread of its changes, unless it is this one. */
    void show(SavedPicture picture, boolean follow) {
        watching.set(follow);
        shown.set(Optional.of(picture));
        if (version(OptionalLong.of(picture.id())).isEmpty()) {
            background.inOrder(() -> folder.archive().thread(picture.thread()), thread::setAll, failed);
        }
    }

    /** As {@link #show}, and the thread is read in any case. */
    void showAgain(SavedPicture picture, boolean follow) {
        thread.clear();
        show(picture, follow);
    }

    /** Shows a picture that has no other versions yet. */
    void showAlone(SavedPicture picture, boolean follow) {
        thread.setAll(picture);
        shown.set(Optional.of(picture));
        watching.set(follow);
    }

    /** Follows the drawing. */
    void watch() {
        watching.set(true);
    }

    /** Looks at nothing, and follows the drawing. */
    void leave() {
        shown.set(Optional.empty());
        thread.clear();
        watching.set(true);
    }

    /** Takes a version out of the thread. Returns the latest of those that are left. */
    Optional<SavedPicture> remove(SavedPicture picture) {
        thread.removeIf(other -> other.id() == picture.id());
        return thread.isEmpty() ? Optional.empty() : Optional.of(thread.getLast());
    }
}
