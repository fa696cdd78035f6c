package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.app.library.SavedPicture;

/** Where the versions of a thread stand: what was made from a picture to its right, a branch one row below. */
public final class Lineage {
    /**
     * A version.
     *
     * @param version its number in the thread, from 1
     * @param column how many changes it is from the beginning
     * @param row 0 for the first line of changes
     * @param from the number of the version it was made from
     */
    public record Node(SavedPicture picture, int version, int column, int row, Optional<Integer> from) {}

    private Lineage() {}

    /** @param thread the oldest first */
    public static List<Node> of(List<SavedPicture> thread) {
        Map<Long, Node> placed = new HashMap<>();
        List<Node> nodes = new ArrayList<>();
        int rows = 0;
        for (SavedPicture picture : thread) {
            Optional<Node> parent = picture.parent().isPresent()
                    ? Optional.ofNullable(placed.get(picture.parent().getAsLong()))
                    : Optional.empty();
            int column = parent.map(node -> node.column() + 1).orElse(0);
            // The first change goes on in its parent's row; every other one begins a row.
            boolean goesOn = parent.isPresent()
                    && nodes.stream()
                            .noneMatch(node -> node.column() == column
                                    && node.row() == parent.get().row());
            int row = goesOn ? parent.get().row() : rows++;
            Node node = new Node(picture, nodes.size() + 1, column, row, parent.map(Node::version));
            placed.put(picture.id(), node);
            nodes.add(node);
        }
        return nodes;
    }
}
