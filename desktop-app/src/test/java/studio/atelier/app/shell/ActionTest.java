package studio.atelier.app.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.HashSet;
import java.util.Set;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import org.junit.jupiter.api.Test;

final class ActionTest {
    /** A misspelled key is no error to JavaFX: it waits for a character of that name, which never comes. */
    @Test
    void everyShortcutNamesAKey() {
        for (Action action : Action.values()) {
            action.keys().ifPresent(keys -> assertInstanceOf(KeyCodeCombination.class, keys, action.name()));
        }
    }

    @Test
    void noTwoActionsShareAShortcut() {
        Set<KeyCombination> taken = new HashSet<>();
        for (Action action : Action.values()) {
            action.keys().ifPresent(keys -> assertEquals(true, taken.add(keys), action.name()));
        }
        assertEquals(
                new KeyCodeCombination(KeyCode.DIGIT0, KeyCombination.SHORTCUT_DOWN),
                Action.NORMAL_TEXT.keys().orElseThrow());
    }
}
