package studio.atelier.app.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import studio.atelier.app.concurrent.Background;
import studio.atelier.models.Models;
import studio.atelier.models.download.Volume;
import studio.atelier.models.store.Disks;
import studio.atelier.models.store.ModelFolders;

/** The folders that models are kept in, and those that could be. Belongs to the FX thread. */
public final class FoldersViewModel {
    /**
     * A folder.
     *
     * @param isTarget whether new models go there
     * @param isOwn whether it is the program's own, which stays
     * @param isThere false while its disk is not connected
     */
    public record Folder(Path path, boolean isTarget, boolean isOwn, boolean isThere, long freeBytes) {}

    /**
     * What there is.
     *
     * @param chosen the target first
     * @param offered on other disks
     * @param problem why the last change was refused, one sentence; empty when it was not
     */
    public record State(List<Folder> chosen, List<Disks.Found> offered, String problem) {
        public State {
            chosen = List.copyOf(chosen);
            offered = List.copyOf(offered);
        }
    }

    private final Rooms rooms;
    private final Path home;
    private final Background background;
    private final Runnable changed;
    private final ReadOnlyObjectWrapper<State> state = new ReadOnlyObjectWrapper<>(new State(List.of(), List.of(), ""));

    /** Runs {@code changed} when models may be in other places than before. */
    FoldersViewModel(Rooms rooms, Path home, Background background, Runnable changed) {
        this.rooms = rooms;
        this.home = home;
        this.background = background;
        this.changed = changed;
    }

    public ReadOnlyObjectProperty<State> stateProperty() {
        return state.getReadOnlyProperty();
    }

    /** A folder as people write it: the home folder is {@code ~}. */
    String shown(Path folder) {
        return folder.startsWith(home)
                ? Path.of("~").resolve(home.relativize(folder)).toString()
                : folder.toString();
    }

    /** Looks at the disks. */
    void refresh() {
        background.inOrder(() -> look(rooms.models()), state::set, this::refused);
    }

    private static State look(Models models) throws IOException {
        ModelFolders folders = models.folders();
        List<Folder> chosen = new ArrayList<>();
        for (Path path : folders.all()) {
            boolean own = path.equals(folders.own());
            boolean there = own || Files.isDirectory(path);
            long free = there ? Volume.REAL.usableBytes(path) : 0;
            chosen.add(new Folder(path, chosen.isEmpty(), own, there, free));
        }
        List<Disks.Found> offered = models.disks().look().stream()
                .filter(found ->
                        chosen.stream().noneMatch(folder -> folder.path().equals(found.folder())))
                .toList();
        return new State(chosen, offered, "");
    }

    /** Looks for models in a folder too; it is made where it isn't there yet. */
    public void add(Path folder) {
        change(folders -> {
            Files.createDirectories(folder);
            folders.add(folder);
        });
    }

    /** Lets new models go to a folder. */
    public void useForNew(Path folder) {
        change(folders -> folders.moveToFront(folder));
    }

    /** Doesn't look there any more; what is in it stays. */
    public void remove(Path folder) {
        change(folders -> folders.remove(folder));
    }

    private interface Change {
        void make(ModelFolders folders) throws IOException;
    }

    private void change(Change change) {
        background.inOrder(
                () -> {
                    change.make(rooms.models().folders());
                    rooms.forget();
                    return true;
                },
                _ -> changed.run(),
                this::refused);
    }

    private void refused(Exception failure) {
        State now = state.get();
        state.set(new State(now.chosen(), now.offered(), ModelsViewModel.words(failure)));
    }
}
