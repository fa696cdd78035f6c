package studio.atelier.app.controls;

import javafx.scene.AccessibleRole;
import javafx.scene.layout.Region;

/** A progress bar of two parts: what was there before, paler, and how far it is now. */
public final class Bar extends Region {
    private final Region fill = new Region();
    private final Region reused = new Region();
    private double done;
    private double doneBefore;

    public Bar(double width, double height) {
        getStyleClass().add("bar");
        fill.getStyleClass().add("fill");
        reused.getStyleClass().add("reused");
        getChildren().addAll(fill, reused);
        setMinSize(width, height);
        setPrefSize(width, height);
        setMaxHeight(height);
        setAccessibleRole(AccessibleRole.PROGRESS_INDICATOR);
    }

    /** Both as parts of the whole, from 0 to 1; what was there before counts into what is done. */
    public void show(double doneNow, double before) {
        done = Math.clamp(doneNow, 0, 1);
        doneBefore = Math.clamp(before, 0, 1);
        requestLayout();
    }

    @Override
    protected void layoutChildren() {
        fill.resizeRelocate(0, 0, getWidth() * done, getHeight());
        reused.resizeRelocate(0, 0, getWidth() * Math.min(done, doneBefore), getHeight());
    }
}
