package studio.atelier.app.controls;

import java.util.function.Supplier;
import javafx.scene.Node;
import javafx.util.Subscription;

/**
 * What a view follows, it follows while it is in a window: a view that was replaced, as when the language changes, would
 * otherwise be held and kept up to date by what outlives it.
 */
public final class Following {
    private Subscription held = Subscription.EMPTY;

    private Following() {}

    /** Subscribes whenever the node comes into a window, and lets go when it leaves. */
    public static void whileShown(Node node, Supplier<Subscription> subscribing) {
        Following following = new Following();
        node.sceneProperty().subscribe(scene -> {
            following.held.unsubscribe();
            following.held = scene == null ? Subscription.EMPTY : subscribing.get();
        });
    }
}
