package studio.atelier.app.images;

import atlantafx.base.controls.RingProgressIndicator;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.image.Colours;

/** Below the picture: how far it is, or what is known of it, with the colours that were measured. */
final class StatusRow extends VBox {
    private static final double FIGURES_WIDTH = 140;
    private static final int MOST_COLOURS = 4;

    private final ImagesViewModel images;
    private final Messages messages;
    private final Quantities quantities;
    private final HBox line = new HBox(8);
    private final HBox colours = new HBox(8);

    StatusRow(ImagesViewModel images, Messages messages) {
        super(8);
        this.images = images;
        this.messages = messages;
        this.quantities = new Quantities(messages);
        getStyleClass().add("picture-status");
        line.setAlignment(Pos.CENTER_LEFT);
        colours.setAlignment(Pos.CENTER_LEFT);
        line.setMinHeight(24);
        getChildren().setAll(line, colours);
        images.stateProperty().subscribe(_ -> show());
        images.shownProperty().subscribe(_ -> show());
        images.watchingProperty().subscribe(_ -> show());
    }

    private void show() {
        line.getChildren().clear();
        colours.getChildren().clear();
        switch (images.stateProperty().get()) {
            case EaselState.Opening opening -> {
                line.getChildren().setAll(ring(-1), Labels.of(messages.text("models.loading"), "medium"));
                line.getChildren().add(Labels.of(ModelName.of(opening.model(), messages), "muted"));
            }
            case EaselState.Drawing drawing -> drawing(drawing);
            case EaselState.Idle _, EaselState.Failed _ ->
                images.shownProperty().get().ifPresent(this::facts);
        }
    }

    private static RingProgressIndicator ring(double done) {
        RingProgressIndicator ring = new RingProgressIndicator();
        ring.setProgress(done);
        ring.setMaxSize(14, 14);
        return ring;
    }

    private void drawing(EaselState.Drawing drawing) {
        Label figures = Labels.of(
                quantities.percent(drawing.done()) + " · "
                        + messages.text(
                                "images.seconds",
                                quantities.decimal((System.nanoTime() - drawing.startedNanos()) / 1e9, 1)),
                "muted",
                "small-text");
        figures.setMinWidth(FIGURES_WIDTH);
        String word = drawing.count() == 1
                ? messages.text("images.drawing")
                : messages.text("images.drawing-of", String.valueOf(drawing.number()), String.valueOf(drawing.count()));
        line.getChildren().setAll(ring(drawing.done()), Labels.of(word, "medium"), figures, Labels.spacer());
        if (images.watchingProperty().get()) {
            line.getChildren().add(seed(drawing.seed()));
        } else {
            line.getChildren().add(Buttons.link(messages.text("images.watch"), images::watch));
        }
    }

    private Label seed(long seed) {
        return Labels.of(messages.text("images.seed-of", String.valueOf(seed)), "muted", "small-text");
    }

    private void facts(SavedPicture picture) {
        StringBuilder facts = new StringBuilder(picture.width() + " × " + picture.height());
        if (picture.seconds() > 0) {
            facts.append(" · ").append(messages.text("images.seconds", quantities.decimal(picture.seconds(), 1)));
        }
        if (!picture.model().isEmpty()) {
            facts.append(" · ").append(ModelName.of(picture.model(), messages));
        }
        line.getChildren().setAll(Labels.of(facts.toString(), "muted", "small-text"));
        if (!picture.whole()) {
            Label stopped = Labels.of(messages.text("images.partial"), "pill", "warning");
            line.getChildren().add(stopped);
        }
        line.getChildren().add(Labels.spacer());
        if (picture.origin() != SavedPicture.Origin.BROUGHT || !picture.model().isEmpty()) {
            line.getChildren().add(seed(picture.seed()));
        }
        colours.getChildren().add(Labels.of(Alpha.words(picture.alpha(), messages), "subtle", "tiny-text"));
        colours.getChildren().add(Labels.spacer());
        WantedColours.of(picture, java.util.List.of(picture.prompt())).stream()
                .filter(wanted -> !wanted.measured())
                .limit(1)
                .forEach(wanted -> colours.getChildren().add(snap(wanted.rgb())));
        picture.colours().stream()
                .limit(MOST_COLOURS)
                .forEach(hex -> colours.getChildren().add(measured(hex)));
    }

    private Button snap(int rgb) {
        Button snap = Buttons.bordered(messages.text("images.snap", Colours.hex(rgb)), () -> images.snap(rgb));
        snap.getStyleClass().add("small-button");
        snap.setId("snap");
        return snap;
    }

    private HBox measured(String hex) {
        Region dot = new Region();
        dot.getStyleClass().add("object-dot");
        // The picture's own colour.
        dot.setStyle("-fx-background-color: " + hex);
        HBox measured = new HBox(4, dot, Labels.of(hex, "code-text", "tiny-text", "muted"));
        measured.setAlignment(Pos.CENTER_LEFT);
        measured.setMinWidth(USE_PREF_SIZE);
        measured.setAccessibleText(messages.text("images.measured", hex));
        return measured;
    }
}
