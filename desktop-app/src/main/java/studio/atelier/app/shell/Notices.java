package studio.atelier.app.shell;

import javafx.animation.PauseTransition;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.layout.HBox;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.util.Duration;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;

/** Short notices at the lower right, gone after eight seconds; never for errors. */
public final class Notices extends StackPane {
    private static final Duration STAYS = Duration.seconds(8);
    /** Leaves the composer and its buttons free. */
    private static final double ABOVE_COMPOSER = 120;

    private final VBox stack = new VBox(8);
    private final String closeName;

    public Notices(String closeName) {
        this.closeName = closeName;
        setPickOnBounds(false);
        stack.setPickOnBounds(false);
        stack.setAlignment(Pos.BOTTOM_RIGHT);
        stack.setMaxSize(USE_PREF_SIZE, USE_PREF_SIZE);
        setAlignment(stack, Pos.BOTTOM_RIGHT);
        setMargin(stack, new Insets(16, 16, ABOVE_COMPOSER, 16));
        getChildren().add(stack);
    }

    /** Says something. */
    public void say(String text) {
        show(text, null);
    }

    /** Says something that can be undone. */
    public void offer(String text, String action, Runnable undo) {
        show(text, new Offer(action, undo));
    }

    private record Offer(String name, Runnable task) {}

    private void show(String text, @org.jspecify.annotations.Nullable Offer offer) {
        HBox notice = new HBox(Labels.of(text, "medium"), Labels.spacer());
        notice.getStyleClass().add("notice");
        notice.setMinWidth(280);
        Runnable close = () -> stack.getChildren().remove((Node) notice);
        if (offer != null) {
            notice.getChildren().add(Buttons.bordered(offer.name, () -> {
                close.run();
                offer.task.run();
            }));
        }
        notice.getChildren().add(Buttons.icon(Feather.X, closeName, close));
        stack.getChildren().add(notice);
        PauseTransition end = new PauseTransition(STAYS);
        end.setOnFinished(_ -> close.run());
        end.play();
    }
}
