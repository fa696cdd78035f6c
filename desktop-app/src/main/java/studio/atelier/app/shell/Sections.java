package studio.atelier.app.shell;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.i18n.Messages;

/**
 * What stands in the middle of the window: the conversation, or another section of the program. A section's view is made
 * when it is first looked at.
 */
public final class Sections extends StackPane {
    /**
     * A section beside the conversations; the sidebar lists it.
     *
     * @param key where its name is looked up, such as {@code sidebar.images}
     * @param view makes it, header included, in the language of the window
     */
    public record Section(String key, Feather icon, Function<Messages, Region> view) {}

    private final Region home;
    private final Messages messages;
    private final StackPane place = new StackPane();
    private final Map<Section, Region> views = new HashMap<>();
    private final ReadOnlyObjectWrapper<Optional<Section>> shown = new ReadOnlyObjectWrapper<>(Optional.empty());

    /** @param home the conversation */
    public Sections(Region home, Messages messages) {
        this.home = home;
        this.messages = messages;
        setMinWidth(0);
        place.setMinWidth(0);
        place.setVisible(false);
        getChildren().setAll(home, place);
    }

    /** The section that is looked at; empty for the conversation. */
    public ReadOnlyObjectProperty<Optional<Section>> shownProperty() {
        return shown.getReadOnlyProperty();
    }

    /** Where the sections' views stand. */
    public Region placeNode() {
        return place;
    }

    /** A section's view, if it was ever looked at. */
    public Optional<Region> shownView(Section section) {
        return Optional.ofNullable(views.get(section));
    }

    public void show(Section section) {
        place.getChildren()
                .setAll(views.computeIfAbsent(section, its -> its.view().apply(messages)));
        place.setVisible(true);
        home.setVisible(false);
        shown.set(Optional.of(section));
        focusView();
    }

    /** Goes back to the conversation. */
    public void showHome() {
        place.setVisible(false);
        home.setVisible(true);
        shown.set(Optional.empty());
    }

    /** Gives the keyboard to the view that is shown. */
    public void focusView() {
        place.getChildren().forEach(javafx.scene.Node::requestFocus);
    }
}
