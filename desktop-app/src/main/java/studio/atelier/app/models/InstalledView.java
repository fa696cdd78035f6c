package studio.atelier.app.models;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.util.Subscription;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Following;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.store.InstalledModel;

/** What is on its way and what is here, with the room that it takes. */
final class InstalledView extends StackPane {
    private final ModelsViewModel models;
    private final Consumer<Path> use;
    private final Consumer<Path> reveal;
    private final Messages messages;
    private final ModelWords words;
    private final VBox downloads = new VBox(8);
    private final Label downloadsNote = Labels.of("", "muted", "small-text");
    private final VBox rows = new VBox();
    private final Label installedNote = Labels.of("", "muted", "small-text");
    private final Label told = Labels.wrapped("", "small-text");
    private Optional<InstalledModel> asked = Optional.empty();

    InstalledView(ModelsViewModel models, Consumer<Path> use, Consumer<Path> reveal, Messages messages) {
        this.models = models;
        this.use = use;
        this.reveal = reveal;
        this.messages = messages;
        this.words = new ModelWords(messages);
        VBox page = new VBox(
                12,
                title("models.downloading", downloadsNote),
                downloads,
                title("models.installed", installedNote),
                told,
                rows,
                Labels.of(messages.text("models.folders"), "section-title"),
                new FoldersView(models.folders(), messages));
        page.getStyleClass().add("installed");
        ScrollPane scroll = new ScrollPane(page);
        scroll.setFitToWidth(true);
        getChildren().setAll(scroll);
        Following.whileShown(
                this,
                () -> Subscription.combine(
                        models.queue().subscribe(this::showQueue),
                        models.installed().subscribe(this::showInstalled),
                        models.freeBytesProperty().subscribe(_ -> showNotes()),
                        models.toldProperty().subscribe(this::tell)));
        Following.whileShown(this, () -> {
            showQueue();
            showInstalled();
            return Subscription.EMPTY;
        });
    }

    private Node title(String key, Label note) {
        HBox title = new HBox(10, Labels.of(messages.text(key), "section-title"), note);
        title.setAlignment(Pos.BASELINE_LEFT);
        return title;
    }

    private void showNotes() {
        long free = models.freeBytesProperty().get();
        downloadsNote.setText(free == 0 ? "" : messages.text("models.disk-free", words.disk(free)));
        long bytes =
                models.installed().stream().mapToLong(InstalledModel::sizeBytes).sum();
        int count = models.installed().size();
        installedNote.setText(
                count == 1
                        ? messages.text("models.installed-one", words.disk(bytes))
                        : messages.text("models.installed-note", words.count(count), words.disk(bytes)));
    }

    private void showQueue() {
        List<QueueItem> items = models.queue();
        // Cards of the same items stay, so that a button under the mouse does not go away while it is pressed.
        boolean same = items.size() == downloads.getChildren().size();
        for (int i = 0; same && i < items.size(); i++) {
            same = downloads.getChildren().get(i) instanceof QueueCard card && card.follows(items.get(i));
        }
        if (!same) {
            downloads
                    .getChildren()
                    .setAll(items.stream()
                            .map(item -> new QueueCard(models, item, messages))
                            .toList());
        }
        if (items.isEmpty()) {
            downloads.getChildren().setAll(Labels.wrapped(messages.text("models.no-downloads"), "muted"));
        }
        showNotes();
    }

    private void showInstalled() {
        rows.getChildren().setAll(models.installed().stream().map(this::row).toList());
        if (models.installed().isEmpty()) {
            rows.getChildren().setAll(Labels.wrapped(messages.text("models.none-installed"), "muted"));
        }
        showNotes();
    }

    private Node row(InstalledModel model) {
        Label name = Labels.of(model.name(), "medium");
        name.setMinWidth(0);
        HBox.setHgrow(name, Priority.ALWAYS);
        name.setMaxWidth(Double.MAX_VALUE);
        HBox row = new HBox(
                12,
                name,
                column(model.format(), 80, Pos.CENTER_LEFT),
                column(words.disk(model.sizeBytes()), 80, Pos.CENTER_RIGHT),
                column(origin(model), 90, Pos.CENTER_LEFT),
                error(model));
        row.getStyleClass().add("table-row");
        row.setAlignment(Pos.CENTER_LEFT);
        if (asked.equals(Optional.of(model))) {
            Button sure = Buttons.bordered(
                    messages.text("models.delete-sure", words.disk(model.sizeBytes())), () -> models.delete(model));
            sure.getStyleClass().add("destructive");
            row.getChildren().addAll(sure, Buttons.bordered(messages.text("models.keep"), () -> ask(Optional.empty())));
            return row;
        }
        if (model.manifest().isPresent()) {
            row.getChildren()
                    .addAll(
                            Buttons.icon(
                                    Feather.CHECK_CIRCLE, messages.text("models.verify"), () -> models.verify(model)),
                            Buttons.icon(
                                    Feather.TRASH_2, messages.text("models.delete"), () -> ask(Optional.of(model))));
        }
        row.getChildren()
                .add(Buttons.icon(
                        Feather.FOLDER, messages.text("models.reveal"), () -> reveal.accept(folderOf(model))));
        row.getChildren().add(Buttons.bordered(messages.text("models.use"), () -> use.accept(model.place())));
        return row;
    }

    private static Path folderOf(InstalledModel model) {
        Path parent = model.place().toAbsolutePath().getParent();
        return model.isFolder() || parent == null ? model.place() : parent;
    }

    private Label error(InstalledModel model) {
        String text = model.manifest()
                .flatMap(manifest -> manifest.medianError())
                .map(error -> messages.text("models.error", words.percent(error)))
                .orElse("");
        return column(text, 110, Pos.CENTER_LEFT);
    }

    private static Label column(String text, double width, Pos side) {
        Label label = Labels.of(text, "muted");
        label.setMinWidth(width);
        label.setPrefWidth(width);
        label.setAlignment(side);
        return label;
    }

    private String origin(InstalledModel model) {
        return switch (model.origin()) {
            case ATELIER -> messages.text("app.name");
            case HUB_CACHE -> messages.text("models.from-cache");
            case LM_STUDIO -> "LM Studio";
            case OLLAMA -> "Ollama";
            case FOLDER -> messages.text("models.from-folder");
        };
    }

    private void ask(Optional<InstalledModel> model) {
        asked = model;
        showInstalled();
    }

    private void tell(Optional<ModelsViewModel.Told> news) {
        told.setVisible(news.isPresent());
        told.setManaged(news.isPresent());
        told.getStyleClass().removeAll("danger-text", "success-text", "muted");
        news.ifPresent(now -> {
            told.setGraphic(null);
            switch (now) {
                case ModelsViewModel.Told.Checking checking ->
                    say(messages.text("models.checking", checking.name()), "muted");
                case ModelsViewModel.Told.Whole whole -> {
                    say(messages.text("models.whole", whole.name(), words.count(whole.files())), "success-text");
                    told.setGraphic(Icons.inline(Feather.CHECK_CIRCLE));
                }
                case ModelsViewModel.Told.Damaged damaged ->
                    say(
                            messages.text(
                                    "models.damaged",
                                    damaged.name(),
                                    words.count(damaged.files().size()),
                                    String.join(", ", damaged.files())),
                            "danger-text");
                case ModelsViewModel.Told.Removed removed ->
                    say(messages.text("models.removed", removed.name(), words.disk(removed.freedBytes())), "muted");
                case ModelsViewModel.Told.Failed failed -> say(failed.message(), "danger-text");
            }
        });
    }

    private void say(String text, String role) {
        told.setText(text);
        told.getStyleClass().add(role);
        told.setMaxWidth(Region.USE_PREF_SIZE);
    }
}
