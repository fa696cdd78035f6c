package studio.atelier.app.images;

import java.util.List;
import java.util.Optional;
import javafx.beans.binding.Bindings;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;
import studio.atelier.app.library.SavedPicture;

/** The thread of a picture's edits: how the versions hang together, what was said, and where the next change is written. */
final class ThreadView extends VBox {
    private static final double WIDTH = 296;

    private final ImagesViewModel images;
    private final Messages messages;
    private final Quantities quantities;
    private final VBox said = new VBox(12);
    private final ChangeComposer composer;

    ThreadView(ImagesViewModel images, ImagesView.Commands commands, Messages messages) {
        this.images = images;
        this.messages = messages;
        this.quantities = new Quantities(messages);
        composer = new ChangeComposer(images, messages);
        getStyleClass().add("thread");
        setMinWidth(WIDTH);
        setPrefWidth(WIDTH);
        setMaxWidth(WIDTH);
        HBox header = new HBox(Labels.of(messages.text("images.edits"), "strong"));
        header.getStyleClass().add("column-header");
        said.setId("thread-said");
        said.getStyleClass().add("thread-said");
        ScrollPane scroll = new ScrollPane(said);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        VBox top = new VBox(12, new LineageStrip(images, commands, messages), buttons());
        top.getStyleClass().add("thread-top");
        HBox writing = new HBox(composer);
        HBox.setHgrow(composer, Priority.ALWAYS);
        writing.getStyleClass().add("thread-composer");
        getChildren().setAll(header, top, scroll, writing);
        for (Node part : List.of(top, writing)) {
            part.visibleProperty()
                    .bind(Bindings.createBooleanBinding(
                            () -> images.shownProperty().get().isPresent(), images.shownProperty()));
            part.managedProperty().bind(part.visibleProperty());
        }
        images.thread().addListener((ListChangeListener<SavedPicture>) _ -> fill());
        images.shownProperty().subscribe(_ -> fill());
    }

    void focusComposer() {
        composer.focusText();
    }

    private HBox buttons() {
        Button undo = Buttons.bordered(messages.text("images.undo"), images::undo);
        undo.setGraphic(Icons.inline(Feather.CORNER_UP_LEFT));
        undo.setId("thread-undo");
        undo.disableProperty()
                .bind(Bindings.createBooleanBinding(
                        () -> images.parentOfShown().isEmpty(), images.shownProperty(), images.thread()));
        Button branch = Buttons.bordered(messages.text("images.branch"), this::focusComposer);
        branch.setGraphic(Icons.inline(Feather.GIT_BRANCH));
        branch.setId("thread-branch");
        undo.getStyleClass().add("small-button");
        branch.getStyleClass().add("small-button");
        return new HBox(8, undo, branch);
    }

    private void fill() {
        said.getChildren().clear();
        if (images.thread().isEmpty()) {
            said.getChildren().add(Labels.wrapped(messages.text("images.edits-empty"), "subtle"));
            return;
        }
        long shown = images.shownProperty().get().map(SavedPicture::id).orElse(0L);
        for (Lineage.Node node : Lineage.of(images.thread())) {
            said.getChildren().add(entry(node, node.picture().id() == shown));
        }
    }

    private Node entry(Lineage.Node node, boolean current) {
        Label number = Labels.of(String.valueOf(node.version()), "version-number", "tiny-text");
        if (current) {
            number.getStyleClass().add("current");
        }
        number.setMinWidth(USE_PREF_SIZE);
        Label words = Labels.wrapped(words(node.picture()));
        words.setMaxHeight(110);
        words.setMinHeight(0);
        Label about = Labels.wrapped(about(node), "subtle", "small-text");
        VBox text = new VBox(3, words, about);
        HBox.setHgrow(text, Priority.ALWAYS);
        Button row = new Button();
        HBox face = new HBox(8, number, text);
        face.setAlignment(Pos.TOP_LEFT);
        row.setGraphic(face);
        row.getStyleClass().add("thread-row");
        row.setMaxWidth(Double.MAX_VALUE);
        row.setMinWidth(0);
        face.maxWidthProperty().bind(said.widthProperty().subtract(32));
        face.prefWidthProperty().bind(said.widthProperty().subtract(32));
        row.setAccessibleText(words(node.picture()));
        row.setOnAction(_ -> images.show(node.picture()));
        return row;
    }

    private String words(SavedPicture picture) {
        return switch (picture.origin()) {
            case DRAWN, EDITED, REDRAWN -> picture.prompt();
            case VARIED -> messages.text("images.origin.varied");
            case BROUGHT -> messages.text("images.origin.brought", picture.prompt());
            case SNAPPED -> messages.text("images.origin.snapped", picture.prompt());
            case CUT_OUT -> messages.text("images.origin.cut-out");
        };
    }

    private String about(Lineage.Node node) {
        SavedPicture picture = node.picture();
        java.util.List<String> parts = new java.util.ArrayList<>();
        node.from().ifPresent(from -> parts.add(messages.text("images.from", String.valueOf(from))));
        if (picture.origin() == SavedPicture.Origin.REDRAWN) {
            parts.add(messages.text("images.redrawn"));
        }
        if (picture.seconds() > 0) {
            parts.add(messages.text("images.seconds", quantities.decimal(picture.seconds(), 1)));
        }
        if (!picture.whole()) {
            parts.add(messages.text("images.partial"));
        }
        exactness(picture).ifPresent(parts::add);
        return String.join(" · ", parts);
    }

    /** Whether the colours that were asked for are there, as measured. */
    private Optional<String> exactness(SavedPicture picture) {
        List<WantedColours.Wanted> wanted = WantedColours.of(picture, List.of(picture.prompt()));
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        boolean exact = wanted.stream().allMatch(WantedColours.Wanted::measured);
        return Optional.of(messages.text(exact ? "images.colour.exact" : "images.colour.off"));
    }
}
