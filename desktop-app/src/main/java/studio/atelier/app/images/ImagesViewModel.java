package studio.atelier.app.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureMask;
import studio.atelier.engine.image.PictureModelInfo;

/**
 * The image panel: what is asked for, what is being drawn, and the thread of versions that is looked at. Belongs to the
 * FX thread.
 */
public final class ImagesViewModel implements AutoCloseable {
    private final PictureFolder folder;
    private final Background background;
    private final EaselViewModel easel;
    private final PictureModelsViewModel models;
    private final GalleryViewModel gallery;
    private final ObjectProperty<Recipe> recipe = new SimpleObjectProperty<>(Recipe.usual());
    private final StringProperty change = new SimpleStringProperty("");
    private final ObservableList<Recipe.Reference> changeReferences = FXCollections.observableArrayList();
    private final BooleanProperty brushing = new SimpleBooleanProperty(false);
    private final ObjectProperty<Optional<PictureMask>> mask = new SimpleObjectProperty<>(Optional.empty());
    private final VersionsViewModel versions;

    private Consumer<String> notice = _ -> {};
    private List<Recipe.Reference> sent = List.of();

    public ImagesViewModel(PictureFolder folder, PictureModels models, Background background, FrameBatcher frames) {
        this.folder = folder;
        this.background = background;
        this.models = new PictureModelsViewModel(models, background);
        this.easel = new EaselViewModel(folder, this.models, background, frames, new Told());
        this.gallery = new GalleryViewModel(folder, background, this::fail);
        this.versions = new VersionsViewModel(folder, background, this::fail);
        brushing.subscribe(on -> mask.set(on ? mask.get() : Optional.empty()));
        versions.shownProperty().subscribe(_ -> brushing.set(false));
    }

    public PictureModelsViewModel models() {
        return models;
    }

    public GalleryViewModel gallery() {
        return gallery;
    }

    /** What is set for the next picture. */
    public ObjectProperty<Recipe> recipeProperty() {
        return recipe;
    }

    /** What is being written about the version on the screen. */
    public StringProperty changeProperty() {
        return change;
    }

    /** Pictures to follow in the next change. */
    public ObservableList<Recipe.Reference> changeReferences() {
        return changeReferences;
    }

    /** Whether the version on the screen can be painted over. */
    public BooleanProperty brushingProperty() {
        return brushing;
    }

    /** What is painted over: only that is to change. */
    public ObjectProperty<Optional<PictureMask>> maskProperty() {
        return mask;
    }

    public ReadOnlyObjectProperty<EaselState> stateProperty() {
        return easel.stateProperty();
    }

    /** The picture that is looked at; empty before there is one. */
    public ReadOnlyObjectProperty<Optional<SavedPicture>> shownProperty() {
        return versions.shownProperty();
    }

    /** Whether the screen follows what is being drawn. */
    public ReadOnlyObjectProperty<Boolean> watchingProperty() {
        return versions.watchingProperty();
    }

    /** The versions of the picture that is looked at, the oldest first. */
    public ObservableList<SavedPicture> thread() {
        return versions.thread();
    }

    public Path fileOf(SavedPicture picture) {
        return folder.fileOf(picture);
    }

    /** Says who is told what is worth a notice, by its key. */
    public void whenNoticed(Consumer<String> told) {
        notice = told;
    }

    /** To be called when the person comes here: reads what is kept, and opens the model that came with the program. */
    public void arrive() {
        gallery.refresh();
        models.refresh(this::fail);
    }

    // What is asked for

    /** Draws what is set. */
    public void draw() {
        easel.begin(engine -> Orders.drawing(recipe.get(), engine.info()));
    }

    /** Changes the version on the screen as it is written. */
    public void change() {
        Optional<SavedPicture> parent = versions.shown();
        String words = change.get().strip();
        if (parent.isEmpty() || words.isEmpty() || easel.busy()) {
            return;
        }
        SavedPicture from = parent.get();
        read(
                from,
                file -> easel.begin(engine -> {
                    Order order = Orders.changing(from, file, words, changeReferences, mask.get(), engine.info());
                    sent = List.copyOf(changeReferences);
                    change.set("");
                    changeReferences.clear();
                    return order;
                }));
    }

    /** Draws the version on the screen again, with other seeds. */
    public void vary() {
        versions.shown().filter(_ -> !easel.busy()).ifPresent(picture -> {
            Optional<SavedPicture> parent = versions.version(picture.parent());
            if (parent.isEmpty() || picture.origin() == SavedPicture.Origin.REDRAWN) {
                read(
                        picture,
                        file -> easel.begin(engine ->
                                Orders.variation(picture, file, Optional.empty(), recipe.get(), engine.info())));
            } else {
                read(
                        parent.get(),
                        file -> easel.begin(
                                engine -> Orders.variation(picture, file, parent, recipe.get(), engine.info())));
            }
        });
    }

    /** Stops the drawing; what there is of the picture is kept. */
    public void stop() {
        easel.stop();
    }

    /** What the easel tells. */
    private final class Told implements EaselViewModel.Listener {
        @Override
        public void begun() {
            versions.watch();
        }

        @Override
        public void kept(SavedPicture saved) {
            keep(saved);
        }

        @Override
        public void gaveUp(Order order) {
            boolean changing =
                    order.origin() == SavedPicture.Origin.EDITED || order.origin() == SavedPicture.Origin.REDRAWN;
            if (changing && change.get().isBlank()) {
                change.set(order.prompt());
                changeReferences.setAll(sent);
            }
        }

        @Override
        public void noticed(String key) {
            notice.accept(key);
        }

        @Override
        public String parentFile(Order order) {
            return versions.version(order.parent()).map(SavedPicture::file).orElse("");
        }
    }

    private void keep(SavedPicture saved) {
        gallery.added(saved);
        versions.add(saved);
    }

    // What is looked at

    /** Shows a picture and the thread of its changes. */
    public void show(SavedPicture picture) {
        versions.show(picture, !easel.busy());
    }

    /** Follows the drawing again. */
    public void watch() {
        versions.watch();
    }

    /** Leaves the picture, for a new one. */
    public void startNew() {
        versions.leave();
        change.set("");
    }

    /** Goes back to the version that this one was made from. */
    public void undo() {
        parentOfShown().ifPresent(this::show);
    }

    /** The version that the one on the screen was made from. */
    public Optional<SavedPicture> parentOfShown() {
        return versions.shown().flatMap(picture -> versions.version(picture.parent()));
    }

    /** Removes a picture; {@link GalleryViewModel#restore} takes it back. */
    public void delete(SavedPicture picture) {
        gallery.delete(picture);
        boolean looked =
                versions.shown().filter(other -> other.id() == picture.id()).isPresent();
        Optional<SavedPicture> parent = parentOfShown();
        Optional<SavedPicture> left = versions.remove(picture);
        if (looked) {
            parent.or(() -> left).ifPresentOrElse(this::show, this::startNew);
        }
    }

    /** Takes a deletion back. */
    public void restore(SavedPicture picture) {
        gallery.restore(picture);
        versions.showAgain(picture, !easel.busy());
    }

    // Files

    /**
     * Takes a file in that a person brought. If it says how it came to be, the prompt and the seed are set again.
     *
     * @param then told whether it said so
     */
    public void bring(Path file, Consumer<Boolean> then) {
        background.atOnce(
                () -> PictureFile.read(file),
                read -> background.inOrder(
                        () -> folder.keep(
                                read,
                                java.util.OptionalLong.empty(),
                                new PictureFolder.Story(
                                        0,
                                        SavedPicture.Origin.BROUGHT,
                                        read.provenance()
                                                .map(studio.atelier.engine.image.Provenance::prompt)
                                                .orElse(String.valueOf(file.getFileName())),
                                        true,
                                        0)),
                        saved -> {
                            gallery.added(saved);
                            versions.showAlone(saved, !easel.busy());
                            read.provenance().ifPresent(story -> recipe.set(Orders.recipe(recipe.get(), story)));
                            then.accept(read.provenance().isPresent());
                        },
                        this::fail),
                this::fail);
    }

    /** Follows a picture's file when the next picture is drawn. */
    public void addReference(Path file) {
        reference(file, added -> {
            Recipe now = recipe.get();
            java.util.List<Recipe.Reference> all = new java.util.ArrayList<>(now.references());
            all.add(added);
            recipe.set(now.withReferences(all));
        });
    }

    /** Follows a picture's file in the next change. */
    public void addChangeReference(Path file) {
        reference(file, changeReferences::add);
    }

    private void reference(Path file, Consumer<Recipe.Reference> then) {
        background.atOnce(
                () -> PictureFile.read(file),
                read -> then.accept(new Recipe.Reference(String.valueOf(file.getFileName()), read)),
                this::fail);
    }

    /**
     * Saves the picture on the screen where the person wants it.
     *
     * @param strip whether the file says nothing of how it was made
     */
    public void save(Path target, boolean strip) {
        versions.shown()
                .ifPresent(picture -> read(
                        picture,
                        file -> background.atOnce(
                                () -> {
                                    (strip ? file.stripped() : file).write(target);
                                    return target;
                                },
                                _ -> notice.accept("images.notice.saved"),
                                this::fail)));
    }

    /** Moves what is nearly a colour onto it, as a new version. */
    public void snap(int rgb) {
        derive(
                SavedPicture.Origin.SNAPPED,
                studio.atelier.engine.image.Colours.hex(rgb),
                file -> Optional.of(Orders.snapped(file, rgb)));
    }

    /** Takes the plain background away, as a new version. */
    public void cutOut() {
        derive(
                SavedPicture.Origin.CUT_OUT,
                "",
                file -> Optional.of(Orders.cutOut(file))
                        .filter(cut -> !cut.picture().equals(file.picture())));
    }

    private void derive(
            SavedPicture.Origin origin,
            String prompt,
            java.util.function.Function<PictureFile, Optional<PictureFile>> changed) {
        versions.shown()
                .filter(_ -> !easel.busy())
                .ifPresent(parent -> background.inOrder(
                        () -> {
                            Optional<PictureFile> made = changed.apply(folder.read(parent));
                            return made.isEmpty()
                                    ? Optional.<SavedPicture>empty()
                                    : Optional.of(folder.keep(
                                            made.get(),
                                            java.util.OptionalLong.of(parent.id()),
                                            new PictureFolder.Story(
                                                    parent.thread(), origin, prompt, parent.whole(), 0)));
                        },
                        saved -> saved.ifPresentOrElse(this::keep, () -> notice.accept("images.notice.not-plain")),
                        this::fail));
    }

    private void read(SavedPicture picture, Consumer<PictureFile> then) {
        background.atOnce(() -> folder.read(picture), then, this::fail);
    }

    /** Says what went wrong; what was asked for stays. */
    void fail(Exception failure) {
        easel.fail(failure);
    }

    /** Forgets what went wrong. */
    public void dismiss() {
        easel.dismiss();
    }

    /** The open model. */
    public Optional<PictureModelInfo> model() {
        return models.running().engine().map(PictureEngine::info);
    }

    @Override
    public void close() {
        easel.close();
        models.running().close();
    }
}
