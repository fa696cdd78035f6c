package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Region;
import org.junit.jupiter.api.Test;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.shell.Sections;

final class SectionsTest {
    @Test
    void sectionTakesThePlaceOfTheConversationUntilItIsLeft() {
        TestWindow.startToolkit();
        TestWindow.onWindowThread(() -> {
            Region conversation = new Pane();
            Sections sections = new Sections(conversation, Messages.in(Language.ENGLISH));
            int[] made = {0};
            Sections.Section models = new Sections.Section("sidebar.search", Feather.BOX, messages -> {
                made[0]++;
                return new Pane();
            });
            assertTrue(conversation.isVisible());
            assertFalse(sections.placeNode().isVisible());
            sections.show(models);
            assertFalse(conversation.isVisible());
            assertSame(models, sections.shownProperty().get().orElseThrow());
            sections.showHome();
            assertTrue(conversation.isVisible());
            assertEquals(Optional.empty(), sections.shownProperty().get());
            sections.show(models);
            assertEquals(1, made[0], "a view is made once");
            return sections;
        });
    }
}
