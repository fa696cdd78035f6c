package studio.atelier.app.images;

import java.util.List;
import javafx.collections.ListChangeListener;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.Pane;
import javafx.scene.shape.CubicCurve;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.SavedPicture;

/** The versions of a picture as small pictures with lines between them; a branch drops one row. */
final class LineageStrip extends ScrollPane {
    private static final double SIDE = 48;
    private static final double ACROSS = 84;
    private static final double DOWN = 79;
    private static final double MOST_HEIGHT = 3 * DOWN;

    private final ImagesViewModel images;
    private final ImagesView.Commands commands;
    private final Messages messages;
    private final Pane pane = new Pane();

    LineageStrip(ImagesViewModel images, ImagesView.Commands commands, Messages messages) {
        this.images = images;
        this.commands = commands;
        this.messages = messages;
        setId("lineage");
        getStyleClass().add("lineage");
        setContent(pane);
        setVbarPolicy(ScrollBarPolicy.AS_NEEDED);
        images.thread().addListener((ListChangeListener<SavedPicture>) _ -> fill());
        fill();
    }

    private void fill() {
        pane.getChildren().clear();
        List<Lineage.Node> nodes = Lineage.of(images.thread());
        for (Lineage.Node node : nodes) {
            node.from()
                    .map(from -> nodes.get(from - 1))
                    .ifPresent(parent -> pane.getChildren().add(link(parent, node)));
        }
        for (Lineage.Node node : nodes) {
            Thumbnail thumbnail =
                    new Thumbnail(images, node.picture(), SIDE, () -> images.show(node.picture()), commands, messages);
            thumbnail.relocate(x(node), y(node));
            thumbnail.setAccessibleText(node.from()
                    .map(from ->
                            messages.text("images.version-from", String.valueOf(node.version()), String.valueOf(from)))
                    .orElse(messages.text("images.version", String.valueOf(node.version()))));
            Label number = Labels.of(String.valueOf(node.version()), "subtle", "tiny-text");
            number.setMinWidth(SIDE);
            number.setStyle("-fx-alignment: center");
            number.relocate(x(node), y(node) + SIDE + 4);
            pane.getChildren().addAll(thumbnail, number);
        }
        int rows = nodes.stream().mapToInt(Lineage.Node::row).max().orElse(-1) + 1;
        double height = Math.min(MOST_HEIGHT, rows * DOWN);
        setMinHeight(height);
        setPrefHeight(height);
        setMaxHeight(height);
        int columns = nodes.stream().mapToInt(Lineage.Node::column).max().orElse(-1) + 1;
        pane.setMinSize(columns * ACROSS - (ACROSS - SIDE) + 4, rows * DOWN - 8);
        setHvalue(1);
    }

    private static double x(Lineage.Node node) {
        return 1 + node.column() * ACROSS;
    }

    private static double y(Lineage.Node node) {
        return 1 + node.row() * DOWN;
    }

    private static CubicCurve link(Lineage.Node parent, Lineage.Node node) {
        double startX = x(parent) + SIDE;
        double startY = y(parent) + SIDE / 2;
        double endX = x(node);
        double endY = y(node) + SIDE / 2;
        double middle = (startX + endX) / 2;
        CubicCurve link = new CubicCurve(startX, startY, middle, startY, middle, endY, endX, endY);
        link.getStyleClass().add("lineage-link");
        return link;
    }
}
