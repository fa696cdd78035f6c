package studio.atelier.app.controls;

import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.Region;
import org.kordamp.ikonli.feather.Feather;

/** The kinds of button that the window has. None shrinks below its text. */
public final class Buttons {
    private Buttons() {}

    /** The one filled button of a view. */
    public static Button primary(String text, Runnable action) {
        Button button = bordered(text, action);
        button.getStyleClass().add("primary");
        return button;
    }

    /** A button with a border. */
    public static Button bordered(String text, Runnable action) {
        Button button = new Button(text);
        button.setMinWidth(Region.USE_PREF_SIZE);
        button.setOnAction(_ -> action.run());
        return button;
    }

    /** A button that shows itself when the mouse is over it. */
    public static Button flat(String text, Runnable action) {
        Button button = bordered(text, action);
        button.getStyleClass().add("flat-button");
        return button;
    }

    /** A word that can be clicked. */
    public static Button link(String text, Runnable action) {
        Button button = bordered(text, action);
        button.getStyleClass().add("link-button");
        return button;
    }

    /** A square with an icon; screen readers and the tooltip say its name. */
    public static Button icon(Feather shape, String name, Runnable action) {
        Button button = flat("", action);
        button.setGraphic(Icons.control(shape));
        button.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        button.getStyleClass().add("icon-only");
        button.setAccessibleText(name);
        button.setTooltip(new Tooltip(name));
        return button;
    }

    /** Shows whether what a button switches is on. */
    public static void mark(Node button, boolean on) {
        button.getStyleClass().remove("on");
        if (on) {
            button.getStyleClass().add("on");
        }
    }
}
