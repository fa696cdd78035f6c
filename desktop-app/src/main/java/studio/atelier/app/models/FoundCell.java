package studio.atelier.app.models;

import java.util.Optional;
import javafx.geometry.Pos;
import javafx.scene.control.ListCell;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.controls.Bar;
import studio.atelier.app.controls.Labels;
import studio.atelier.models.catalog.FitEstimate;
import studio.atelier.models.hub.ModelSummary;

/** A model that the search found, as a card. */
final class FoundCell extends ListCell<ModelSummary> {
    private static final double BAR_HEIGHT = 4;

    private final DiscoverViewModel models;
    private final ModelWords words;

    FoundCell(DiscoverViewModel models, ModelWords words) {
        this.models = models;
        this.words = words;
        setPrefWidth(0);
    }

    @Override
    protected void updateItem(@Nullable ModelSummary model, boolean empty) {
        super.updateItem(model, empty);
        setGraphic(model == null || empty ? null : card(model));
        setText(null);
    }

    private Region card(ModelSummary model) {
        HBox title = new HBox(
                8,
                Labels.of(model.repository().name(), "strong"),
                Labels.of(model.repository().owner(), "muted", "small-text"),
                Labels.spacer());
        title.setAlignment(Pos.CENTER_LEFT);
        VBox card = new VBox(6, title, Labels.of(words.facts(model), "muted", "small-text"));
        Optional<FitEstimate> rough = models.roughFit(model);
        rough.ifPresent(estimate -> {
            title.getChildren().add(words.badge(estimate));
            Bar bar = new Bar(100, BAR_HEIGHT);
            bar.setMaxWidth(Double.MAX_VALUE);
            bar.getStyleClass()
                    .add(
                            switch (estimate.verdict()) {
                                case FitEstimate.Verdict.Fits _ -> "fits";
                                case FitEstimate.Verdict.FitsWithRaisedLimit _ -> "stalled";
                                case FitEstimate.Verdict.DoesNotFit _ -> "too-large";
                            });
            bar.show((double) estimate.neededBytes() / models.machine().memoryBytes(), 0);
            HBox figures = new HBox(
                    8,
                    Labels.of(words.memory(estimate.neededBytes()), "muted", "small-text"),
                    Labels.spacer(),
                    words.origin(estimate.weights().worth()));
            figures.setAlignment(Pos.CENTER_LEFT);
            card.getChildren().addAll(bar, figures);
        });
        card.getStyleClass().add("model-card");
        card.setAccessibleText(model.repository() + ", " + words.facts(model));
        return card;
    }
}
