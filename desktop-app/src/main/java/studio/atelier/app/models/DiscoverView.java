package studio.atelier.app.models;

import atlantafx.base.controls.CustomTextField;
import java.util.List;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.ErrorCard;
import studio.atelier.app.controls.Following;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.hub.ModelSummary;
import studio.atelier.models.hub.SearchQuery;

/** Looking for models: a search, what it finds with how it fits, and the one that the person looks at. */
final class DiscoverView extends HBox {
    private final DiscoverViewModel models;
    private final Messages messages;
    private final ModelWords words;
    private final CustomTextField search = new CustomTextField();
    private final ComboBox<Source> source = new ComboBox<>();
    private final ComboBox<SearchQuery.Format> format = new ComboBox<>();
    private final ComboBox<SearchQuery.Sort> sort = new ComboBox<>();
    private final Label count = Labels.of("", "muted", "small-text");
    private final ListView<ModelSummary> list = new ListView<>();
    private final StackPane results = new StackPane();

    DiscoverView(ModelsViewModel models, Consumer<String> browser, Messages messages) {
        this.models = models.discover();
        this.messages = messages;
        this.words = new ModelWords(messages);
        fillSearch();
        fillChoices();
        fillList();
        HBox filters =
                new HBox(8, source, format, Labels.spacer(), Labels.of(messages.text("models.sort"), "muted"), sort);
        filters.setAlignment(Pos.CENTER_LEFT);
        HBox status = new HBox(8, Labels.of(memoryLine(), "muted", "small-text"), Labels.spacer(), count);
        VBox column = new VBox(12, search, filters, status, results);
        column.getStyleClass().add("discover-list");
        column.setMinWidth(0);
        VBox.setVgrow(results, Priority.ALWAYS);
        HBox.setHgrow(column, Priority.ALWAYS);
        getChildren().setAll(column, new ModelDetail(models, browser, messages));
        Following.whileShown(this, () -> this.models.searchProperty().subscribe(this::show));
    }

    private String memoryLine() {
        return messages.text(
                "models.memory-line",
                words.count(DiscoverViewModel.CONTEXT_TOKENS),
                words.memory(models.machine().memoryBytes()),
                words.memory(models.machine().limitBytes()));
    }

    private void fillSearch() {
        search.setId("models-search");
        search.getStyleClass().add("search");
        search.setLeft(Icons.control(Feather.SEARCH));
        search.setPromptText(messages.text("models.search"));
        search.setAccessibleText(messages.text("models.search"));
        search.setOnAction(_ -> ask());
        search.setOnKeyPressed(event -> {
            if (event.getCode() == KeyCode.DOWN && !list.getItems().isEmpty()) {
                list.requestFocus();
                list.getSelectionModel().selectFirst();
            }
        });
    }

    private void fillChoices() {
        source.setId("models-source");
        source.getItems().setAll(Source.values());
        source.setValue(Source.HUGGING_FACE);
        source.setConverter(shown(choice -> switch (choice) {
            case HUGGING_FACE -> "Hugging Face";
            case MODEL_SCOPE -> "ModelScope";
        }));
        source.setAccessibleText(messages.text("models.source"));
        format.getItems().setAll(SearchQuery.Format.values());
        format.setValue(SearchQuery.Format.ANY);
        format.setConverter(shown(choice -> switch (choice) {
            case ANY -> messages.text("models.any-format");
            case MLX -> "MLX";
            case GGUF -> "GGUF";
            case SAFETENSORS -> "safetensors";
        }));
        format.setAccessibleText(messages.text("models.format"));
        sort.getItems().setAll(SearchQuery.Sort.values());
        sort.setValue(SearchQuery.Sort.DOWNLOADS);
        sort.setConverter(shown(choice -> switch (choice) {
            case TRENDING -> messages.text("models.sort-trending");
            case DOWNLOADS -> messages.text("models.sort-downloads");
            case LIKES -> messages.text("models.sort-likes");
            case NEWEST -> messages.text("models.sort-newest");
        }));
        sort.setAccessibleText(messages.text("models.sort"));
        source.valueProperty().addListener(_ -> ask());
        format.valueProperty().addListener(_ -> ask());
        sort.valueProperty().addListener(_ -> ask());
    }

    private static <T> StringConverter<T> shown(java.util.function.Function<T, String> word) {
        return new StringConverter<>() {
            @Override
            public String toString(T choice) {
                return choice == null ? "" : word.apply(choice);
            }

            @Override
            public T fromString(String text) {
                throw new UnsupportedOperationException("choices are not typed");
            }
        };
    }

    private void fillList() {
        list.setId("models-found");
        list.getStyleClass().add("card-list");
        list.setAccessibleText(messages.text("models.found"));
        list.setCellFactory(_ -> new FoundCell(models, words));
        list.setPlaceholder(new Region());
        list.getSelectionModel().selectedItemProperty().addListener((_, _, chosen) -> {
            if (chosen != null) {
                models.look(source.getValue(), chosen);
            }
        });
    }

    void focusSearch() {
        search.requestFocus();
    }

    /** The first visit shows what others use. */
    void arrive() {
        if (models.searchProperty().get() instanceof SearchState.Idle) {
            ask();
        }
    }

    private void ask() {
        models.search(
                source.getValue(),
                SearchQuery.of(search.getText()).in(format.getValue()).by(sort.getValue()));
    }

    private void show(SearchState state) {
        switch (state) {
            case SearchState.Idle _ -> showAlone("");
            case SearchState.Searching _ -> {
                count.setText(messages.text("models.searching"));
            }
            case SearchState.Found found -> {
                count.setText(messages.text(
                        "models.found-count", words.count(found.models().size())));
                list.getItems().setAll(found.models());
                if (found.models().isEmpty()) {
                    showAlone(messages.text("models.nothing-found"));
                } else {
                    results.getChildren().setAll(list);
                }
            }
            case SearchState.Failed failed -> {
                count.setText("");
                results.getChildren().setAll(failure(failed));
            }
        }
    }

    private Node failure(SearchState.Failed failed) {
        Button again = Buttons.primary(messages.text("models.try-again"), this::ask);
        ErrorCard card = new ErrorCard(
                Feather.WIFI_OFF, messages.text("models.search-failed"), failed.message(), List.of(again));
        StackPane.setAlignment(card, Pos.TOP_CENTER);
        return card;
    }

    private void showAlone(String text) {
        Label alone = Labels.wrapped(text, "muted");
        StackPane.setAlignment(alone, Pos.TOP_LEFT);
        results.getChildren().setAll(alone);
    }
}
