package studio.atelier.app.shell;

import java.util.List;
import javafx.animation.Interpolator;
import javafx.animation.KeyFrame;
import javafx.animation.KeyValue;
import javafx.animation.Timeline;
import javafx.application.Platform;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.shape.Rectangle;
import javafx.util.Duration;

/**
 * Where the parts of the window stand: sidebar, content, inspector, and layers for notices and sheets above them. A
 * narrow window lets the inspector float over the content, a very narrow one hides the sidebar.
 */
public final class ShellView extends StackPane {
    private static final double SIDEBAR_WIDTH = 248;
    private static final double INSPECTOR_WIDTH = 304;
    private static final double FLOATING_BELOW = 1180;
    private static final double NO_SIDEBAR_BELOW = 1000;
    private static final Duration SLIDE = Duration.millis(180);

    private final BooleanProperty sidebarWanted = new SimpleBooleanProperty(true);
    private final BooleanProperty inspectorWanted = new SimpleBooleanProperty(false);
    private final BooleanProperty inspectorFits = new SimpleBooleanProperty(true);
    private final ReadOnlyBooleanWrapper sidebarShown = new ReadOnlyBooleanWrapper(true);
    private final Region sidebar;
    private final Region inspector;
    private final HBox columns = new HBox();
    private final StackPane inspectorLayer = new StackPane();

    public ShellView(Region sidebar, Region content, Region inspector, List<Node> layers) {
        this.sidebar = sidebar;
        this.inspector = inspector;
        fixWidth(sidebar, SIDEBAR_WIDTH);
        fixWidth(inspector, INSPECTOR_WIDTH);
        cutAtEdge(sidebar);
        cutAtEdge(inspector);
        content.setMinWidth(0);
        HBox.setHgrow(content, Priority.ALWAYS);
        columns.getChildren().setAll(sidebar, content);
        inspectorLayer.setPickOnBounds(false);
        inspectorLayer.setAlignment(Pos.TOP_RIGHT);
        getChildren().setAll(columns, inspectorLayer);
        getChildren().addAll(layers);
        sidebarWanted.subscribe((_, _) -> place(SLIDE));
        inspectorWanted.subscribe((_, _) -> place(SLIDE));
        inspectorFits.subscribe((_, _) -> place(Duration.ZERO));
        widthProperty().subscribe((_, _) -> place(Duration.ZERO));
        place(Duration.ZERO);
    }

    /** Whether the person wants the sidebar. */
    public BooleanProperty sidebarWantedProperty() {
        return sidebarWanted;
    }

    /** Whether the person wants the inspector. */
    public BooleanProperty inspectorWantedProperty() {
        return inspectorWanted;
    }

    /** Whether the inspector belongs to what the window shows; if not it is hidden, wanted or not. */
    public BooleanProperty inspectorFitsProperty() {
        return inspectorFits;
    }

    /** Whether the sidebar is there: it is wanted, and the window is wide enough. */
    public ReadOnlyBooleanProperty sidebarShownProperty() {
        return sidebarShown.getReadOnlyProperty();
    }

    private void place(Duration slide) {
        boolean floating = getWidth() > 0 && getWidth() < FLOATING_BELOW;
        boolean narrow = getWidth() > 0 && getWidth() < NO_SIDEBAR_BELOW;
        // A node has one parent: it leaves the old one before the new one takes it.
        if (floating && columns.getChildren().remove(inspector)) {
            inspectorLayer.getChildren().setAll(inspector);
            inspector.getStyleClass().add("floating");
        } else if (!floating && !columns.getChildren().contains(inspector)) {
            inspectorLayer.getChildren().clear();
            inspector.getStyleClass().remove("floating");
            columns.getChildren().add(inspector);
        } else if (floating && inspector.getParent() == null) {
            inspectorLayer.getChildren().setAll(inspector);
        }
        sidebarShown.set(sidebarWanted.get() && !narrow);
        show(sidebar, sidebarShown.get(), SIDEBAR_WIDTH, slide);
        show(inspector, inspectorWanted.get() && inspectorFits.get(), INSPECTOR_WIDTH, slide);
    }

    private static void show(Region column, boolean wanted, double width, Duration slide) {
        double target = wanted ? width : 0;
        if (column.getMaxWidth() == target && column.isVisible() == wanted) {
            return;
        }
        if (wanted) {
            column.setVisible(true);
            column.setManaged(true);
        }
        if (column.getScene() == null
                || slide.equals(Duration.ZERO)
                || Platform.getPreferences().isReducedMotion()) {
            fixWidth(column, target);
            column.setVisible(wanted);
            column.setManaged(wanted);
            return;
        }
        Timeline motion = new Timeline(new KeyFrame(
                slide,
                _ -> {
                    column.setVisible(wanted);
                    column.setManaged(wanted);
                },
                new KeyValue(column.minWidthProperty(), target, Interpolator.EASE_OUT),
                new KeyValue(column.prefWidthProperty(), target, Interpolator.EASE_OUT),
                new KeyValue(column.maxWidthProperty(), target, Interpolator.EASE_OUT)));
        motion.play();
    }

    private static void fixWidth(Region column, double width) {
        column.setMinWidth(width);
        column.setPrefWidth(width);
        column.setMaxWidth(width);
    }

    /** While a column slides, its content keeps its size and the edge cuts it off. */
    private static void cutAtEdge(Region column) {
        Rectangle edge = new Rectangle();
        edge.widthProperty().bind(column.widthProperty());
        edge.heightProperty().bind(column.heightProperty());
        column.setClip(edge);
    }
}
