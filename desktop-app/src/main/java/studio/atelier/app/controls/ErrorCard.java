package studio.atelier.app.controls;

import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;

/** An error where it happened: what, with its number, and what to do about it. */
public final class ErrorCard extends VBox {
    private static final double WIDTH = 520;

    /** @param remedies at most one of them primary, the last */
    public ErrorCard(Feather icon, String title, String text, List<Button> remedies) {
        super(16);
        getStyleClass().add("card");
        setMaxWidth(WIDTH);
        StackPane tinted = new StackPane(Icons.control(icon));
        tinted.getStyleClass().add("error-icon");
        VBox words = new VBox(3, Labels.wrapped(title, "section-title"), Labels.wrapped(text, "muted"));
        HBox.setHgrow(words, Priority.ALWAYS);
        HBox top = new HBox(12, tinted, words);
        HBox actions = new HBox(8, remedies.toArray(Node[]::new));
        actions.setAlignment(Pos.CENTER_RIGHT);
        getChildren().addAll(top, actions);
        setMaxHeight(USE_PREF_SIZE);
        setAccessibleText(title + ". " + text);
    }
}
