package studio.atelier.app.controls;

import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;

/** Text in the roles that the style sheet knows, and the space between it. */
public final class Labels {
    private Labels() {}

    /** Text in the given roles, such as "muted" and "small-text". */
    public static Label of(String text, String... roles) {
        Label label = new Label(text);
        label.getStyleClass().addAll(roles);
        return label;
    }

    /** Text that breaks into lines. */
    public static Label wrapped(String text, String... roles) {
        Label label = of(text, roles);
        label.setWrapText(true);
        label.setMinHeight(Region.USE_PREF_SIZE);
        return label;
    }

    /** Empty room that takes what a row leaves over. */
    public static Node spacer() {
        Region space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        return space;
    }
}
