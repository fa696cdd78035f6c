package studio.atelier.app.shell;

import java.util.List;
import javafx.scene.Node;
import javafx.scene.Scene;
import org.jspecify.annotations.Nullable;

/** The parts of the window that F6 goes round, in reading order. */
public final class Regions {
    /**
     * A part of the window.
     *
     * @param node what it consists of
     * @param focus gives the keyboard to its first control
     */
    public record Region(Node node, Runnable focus) {}

    private final Scene scene;
    private final List<Region> regions;

    public Regions(Scene scene, List<Region> regions) {
        this.scene = scene;
        this.regions = List.copyOf(regions);
    }

    /** Goes to the next part that can be seen, or with -1 to the one before. */
    public void step(int direction) {
        int here = current();
        for (int i = 1; i <= regions.size(); i++) {
            Region next = regions.get(Math.floorMod(here + i * direction, regions.size()));
            if (isShown(next.node())) {
                next.focus().run();
                return;
            }
        }
    }

    private int current() {
        for (Node node = scene.getFocusOwner(); node != null; node = node.getParent()) {
            for (int i = 0; i < regions.size(); i++) {
                if (regions.get(i).node() == node) {
                    return i;
                }
            }
        }
        return -1;
    }

    private static boolean isShown(@Nullable Node node) {
        for (Node part = node; part != null; part = part.getParent()) {
            if (!part.isVisible()) {
                return false;
            }
        }
        return node != null && node.getScene() != null;
    }
}
