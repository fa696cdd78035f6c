package studio.atelier.app.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import studio.atelier.app.library.SavedPicture;

final class LineageTest {
    @Test
    void branchDropsOneRowAndNamesWhereItCameFrom() {
        List<Lineage.Node> nodes =
                Lineage.of(List.of(picture(11, 0), picture(12, 11), picture(13, 12), picture(14, 12)));
        assertEquals(
                List.of(1, 2, 3, 4), nodes.stream().map(Lineage.Node::version).toList());
        assertEquals(
                List.of(0, 1, 2, 2), nodes.stream().map(Lineage.Node::column).toList());
        assertEquals(List.of(0, 0, 0, 1), nodes.stream().map(Lineage.Node::row).toList());
        assertEquals(Optional.of(2), nodes.getLast().from());
    }

    @Test
    void pictureWhoseParentIsGoneBeginsItsOwnRow() {
        List<Lineage.Node> nodes = Lineage.of(List.of(picture(11, 0), picture(13, 12), picture(14, 13)));
        assertEquals(List.of(0, 1, 1), nodes.stream().map(Lineage.Node::row).toList());
        assertEquals(Optional.empty(), nodes.get(1).from());
    }

    private static SavedPicture picture(long id, long parent) {
        return new SavedPicture(
                id,
                11,
                parent == 0 ? OptionalLong.empty() : OptionalLong.of(parent),
                SavedPicture.Origin.EDITED,
                "words",
                "model",
                1,
                64,
                64,
                "none",
                List.of(),
                true,
                1,
                id + ".png",
                Instant.EPOCH);
    }
}
