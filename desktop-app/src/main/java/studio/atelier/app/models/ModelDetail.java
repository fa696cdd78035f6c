package studio.atelier.app.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.css.PseudoClass;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.RadioButton;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Separator;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Following;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.models.catalog.Figure;
import studio.atelier.models.catalog.FitEstimate;
import studio.atelier.models.catalog.Recommendations;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.hub.HubSettings;
import studio.atelier.models.hub.ModelSummary;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;

/** The model that the person looks at: what it needs, in numbers, and the one button that brings it here. */
final class ModelDetail extends VBox {
    private static final double WIDTH = 400;
    private static final PseudoClass CHOSEN = PseudoClass.getPseudoClass("chosen");

    private final ModelsViewModel models;
    private final DiscoverViewModel discover;
    private final Consumer<String> browser;
    private final Messages messages;
    private final ModelWords words;

    ModelDetail(ModelsViewModel models, Consumer<String> browser, Messages messages) {
        this.models = models;
        this.discover = models.discover();
        this.browser = browser;
        this.messages = messages;
        this.words = new ModelWords(messages);
        getStyleClass().add("model-detail");
        setId("model-detail");
        setMinWidth(WIDTH);
        setPrefWidth(WIDTH);
        setMaxWidth(WIDTH);
        Following.whileShown(this, () -> discover.lookProperty().subscribe(this::show));
    }

    private void show(LookState state) {
        switch (state) {
            case LookState.None _ -> getChildren().setAll(recommended());
            case LookState.Looking looking ->
                getChildren()
                        .setAll(
                                title(looking.source(), looking.model()),
                                Labels.wrapped(messages.text("models.looking"), "muted"));
            case LookState.Refused refused ->
                getChildren()
                        .setAll(
                                title(refused.source(), refused.model()),
                                Labels.wrapped(messages.text("models.not-installable"), "strong"),
                                Labels.wrapped(refused.message(), "muted"));
            case LookState.Seen seen -> showSeen(seen);
        }
    }

    private Node recommended() {
        VBox rows = new VBox(
                8,
                Labels.of(
                        messages.text(
                                "models.recommended",
                                words.memory(discover.machine().memoryBytes())),
                        "strong"));
        for (Recommendations.Recommended model : discover.recommended()) {
            Button name = Buttons.bordered(model.repository().name(), () -> lookAt(model.repository()));
            Label size = Labels.of(words.memory(model.memoryBytes()), "muted", "small-text");
            HBox row = new HBox(8, name, Labels.spacer(), size, words.origin(Figure.Worth.ESTIMATED));
            row.setAlignment(Pos.CENTER_LEFT);
            rows.getChildren().add(row);
        }
        return rows;
    }

    private void lookAt(RepoId repository) {
        discover.look(Source.HUGGING_FACE, ModelSummary.named(repository));
    }

    private Node title(Source source, ModelSummary model) {
        String page =
                switch (source) {
                    case HUGGING_FACE -> HubSettings.HUGGING_FACE + "/" + model.repository();
                    case MODEL_SCOPE -> HubSettings.MODEL_SCOPE + "/models/" + model.repository();
                };
        Button open =
                Buttons.icon(Feather.EXTERNAL_LINK, messages.text("models.open-page"), () -> browser.accept(page));
        Label name = Labels.wrapped(model.repository().name(), "step-title");
        HBox.setHgrow(name, Priority.ALWAYS);
        HBox line = new HBox(8, name, open);
        String licence = model.licence().map(text -> " · " + text).orElse("");
        return new VBox(2, line, Labels.of(model.repository().owner() + licence, "muted", "small-text"));
    }

    private static String nameKey(Form form) {
        return switch (form) {
            case AS_PUBLISHED -> "models.as-published";
            case FOUR_BIT_AS_IT_ARRIVES -> "models.four-bit";
            case MIXED_AS_IT_ARRIVES -> "models.mixed";
            case EIGHT_BIT_AS_IT_ARRIVES -> "models.eight-bit";
        };
    }

    private static String noteKey(Form form) {
        return switch (form) {
            case AS_PUBLISHED -> "models.as-published-note";
            case FOUR_BIT_AS_IT_ARRIVES -> "models.four-bit-note";
            case MIXED_AS_IT_ARRIVES -> "models.mixed-note";
            case EIGHT_BIT_AS_IT_ARRIVES -> "models.eight-bit-note";
        };
    }

    private record Version(Form form, String name, String note, Optional<FitEstimate> fit, long diskBytes) {}

    private void showSeen(LookState.Seen seen) {
        long published = seen.remote().wanted().sizeBytes();
        long texts = seen.remote().wanted().texts().stream()
                .mapToLong(RepoFile::sizeBytes)
                .sum();
        List<Version> versions = new ArrayList<>();
        seen.quantized()
                .forEach((form, fit) -> versions.add(new Version(
                        form,
                        messages.text(nameKey(form)),
                        messages.text(noteKey(form)),
                        Optional.of(fit),
                        (long) fit.weights().value() + texts)));
        versions.add(new Version(
                Form.AS_PUBLISHED,
                messages.text("models.as-published"),
                messages.text("models.as-published-note"),
                seen.asPublished(),
                published));
        VBox figures = new VBox(8);
        Button install = Buttons.primary("", () -> {});
        install.setId("install");
        install.getStyleClass().add("main-action");
        install.setMaxWidth(Double.MAX_VALUE);
        VBox choices = new VBox(2, Labels.of(messages.text("models.version"), "strong"));
        ToggleGroup group = new ToggleGroup();
        for (Version version : versions) {
            choices.getChildren().add(choice(version, group, () -> choose(seen, version, figures, install)));
        }
        group.selectToggle(group.getToggles().getFirst());
        VBox body = new VBox(16, title(seen.source(), seen.model()), choices, new Separator(), figures);
        ScrollPane scroll = new ScrollPane(body);
        scroll.setFitToWidth(true);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        getChildren().setAll(scroll, install);
    }

    private Node choice(Version version, ToggleGroup group, Runnable chosen) {
        RadioButton radio = new RadioButton(version.name());
        radio.setToggleGroup(group);
        radio.setMinWidth(USE_PREF_SIZE);
        HBox line = new HBox(8, radio, Labels.spacer(), Labels.of(words.disk(version.diskBytes()), "muted"));
        version.fit().ifPresent(fit -> line.getChildren().add(words.badge(fit)));
        line.setAlignment(Pos.CENTER_LEFT);
        VBox choice = new VBox(line, Labels.wrapped(version.note(), "subtle", "tiny-text"));
        choice.getStyleClass().add("version");
        choice.setOnMouseClicked(_ -> radio.setSelected(true));
        radio.selectedProperty().subscribe(on -> {
            choice.pseudoClassStateChanged(CHOSEN, on);
            if (on) {
                chosen.run();
            }
        });
        return choice;
    }

    private void choose(LookState.Seen seen, Version version, VBox figures, Button install) {
        figures.getChildren().clear();
        version.fit().ifPresent(fit -> {
            figures.getChildren().add(Labels.of(messages.text("models.on-this-machine"), "strong"));
            add(
                    figures,
                    messages.text("models.weights"),
                    words.memory(fit.weights().value()),
                    fit.weights().worth());
            String cache = words.memory(fit.cache().value());
            add(
                    figures,
                    messages.text("models.cache", words.count(DiscoverViewModel.CONTEXT_TOKENS)),
                    cache,
                    fit.cache().worth());
            add(
                    figures,
                    messages.text("models.working"),
                    words.memory(fit.working().value()),
                    fit.working().worth());
            add(
                    figures,
                    messages.text("models.writing"),
                    words.rate(fit.tokensPerSecond().value()),
                    fit.tokensPerSecond().worth());
        });
        boolean arrives = version.form().quantizes();
        long download = seen.remote().wanted().sizeBytes();
        long largest = seen.remote().wanted().weights().stream()
                .mapToLong(RepoFile::sizeBytes)
                .max()
                .orElse(0);
        long needed = arrives ? version.diskBytes() + 2 * largest : version.diskBytes();
        Label disk = Labels.of(messages.text("models.on-disk"), "strong");
        VBox.setMargin(disk, new Insets(8, 0, 0, 0));
        figures.getChildren().add(disk);
        add(figures, messages.text("models.to-download"), words.disk(download), Figure.Worth.CALCULATED);
        add(figures, messages.text("models.stays"), words.disk(version.diskBytes()), Figure.Worth.CALCULATED);
        if (arrives) {
            add(figures, messages.text("models.at-one-time"), words.disk(needed), Figure.Worth.CALCULATED);
        }
        add(figures, messages.text("models.free"), words.disk(seen.freeBytes()), Figure.Worth.MEASURED);
        if (arrives) {
            figures.getChildren().add(Labels.wrapped(messages.text("models.arrives-how"), "muted", "small-text"));
        }
        boolean room = seen.freeBytes() >= needed;
        if (!room) {
            figures.getChildren()
                    .add(Labels.wrapped(
                            messages.text("models.no-room", words.disk(needed - seen.freeBytes())), "danger-text"));
        }
        install.setDisable(!room);
        install.setText(messages.text(
                arrives ? "models.install-arriving" : "models.install",
                version.name(),
                words.disk(version.diskBytes())));
        install.setOnAction(_ -> {
            models.install(seen, version.form());
            install.setDisable(true);
            install.setText(messages.text("models.queued"));
        });
    }

    private void add(VBox figures, String name, String value, Figure.Worth worth) {
        HBox row = new HBox(
                8,
                Labels.of(name, "muted", "small-text"),
                Labels.spacer(),
                Labels.of(value, "medium"),
                words.origin(worth));
        row.setAlignment(Pos.CENTER_LEFT);
        figures.getChildren().add(row);
    }
}
