package studio.atelier.app.shell;

import java.util.Optional;
import javafx.scene.input.KeyCombination;
import org.jspecify.annotations.Nullable;

/** Everything that a person can ask of the window, with the menu it stands in and its keys. */
public enum Action {
    NEW_CHAT(Group.FILE, "Shortcut+N"),
    OPEN_MODEL_FOLDER(Group.FILE, "Shortcut+O"),
    OPEN_CHAT(Group.FILE, null),
    EXPORT_CHAT(Group.FILE, "Shortcut+Shift+E"),
    SETTINGS(Group.FILE, "Shortcut+Comma"),
    CLOSE_WINDOW(Group.FILE, "Shortcut+W"),
    QUIT(Group.FILE, "Shortcut+Q"),
    EDIT_LAST_MESSAGE(Group.CHAT, null),
    ANSWER_AGAIN(Group.CHAT, "Shortcut+R"),
    COPY_ANSWER(Group.CHAT, "Shortcut+Shift+C"),
    STOP_ANSWER(Group.CHAT, null),
    RENAME_CHAT(Group.CHAT, "F2"),
    DELETE_CHAT(Group.CHAT, "Shortcut+Backspace"),
    DRAW_PICTURE(Group.PICTURE, "Shortcut+Enter"),
    UNDO_EDIT(Group.PICTURE, "Shortcut+Z"),
    VARY_PICTURE(Group.PICTURE, "Shortcut+Shift+B"),
    SAVE_PICTURE(Group.PICTURE, "Shortcut+S"),
    SEARCH_CHATS(Group.VIEW, "Shortcut+K"),
    SIDEBAR(Group.VIEW, "Ctrl+Meta+S", "Ctrl+Alt+S"),
    INSPECTOR(Group.VIEW, "Shortcut+Alt+I"),
    MODELS(Group.VIEW, "Shortcut+Shift+M"),
    IMAGES(Group.VIEW, "Shortcut+Shift+I"),
    LARGER_TEXT(Group.VIEW, "Shortcut+Equals"),
    SMALLER_TEXT(Group.VIEW, "Shortcut+Minus"),
    NORMAL_TEXT(Group.VIEW, "Shortcut+0"),
    NEXT_REGION(Group.VIEW, "F6"),
    PREVIOUS_REGION(Group.VIEW, "Shift+F6"),
    SWITCH_MODEL(Group.MODEL, "Shortcut+L"),
    LOAD_OR_UNLOAD(Group.MODEL, null),
    HELP(Group.HELP, "Shortcut+Shift+Slash", "F1");

    /** The menu bar's menus, in order. */
    public enum Group {
        FILE,
        CHAT,
        PICTURE,
        VIEW,
        MODEL,
        HELP;

        /** Where its name is looked up. */
        public String key() {
            return "menu." + name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final Group group;
    private final @Nullable KeyCombination keys;

    Action(Group group, @Nullable String keys) {
        this(group, keys, keys);
    }

    Action(Group group, @Nullable String onMac, @Nullable String elsewhere) {
        this.group = group;
        String chosen = isMac() ? onMac : elsewhere;
        this.keys = chosen == null ? null : KeyCombination.valueOf(chosen);
    }

    /** Whether this system has one menu bar for all programs, and its own keys. */
    public static boolean isMac() {
        return System.getProperty("os.name", "")
                .toLowerCase(java.util.Locale.ROOT)
                .contains("mac");
    }

    public Group group() {
        return group;
    }

    /** Where its name is looked up. */
    public String key() {
        return "action." + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** The keys that ask for it, on this system. */
    public Optional<KeyCombination> keys() {
        return Optional.ofNullable(keys);
    }

    /** The keys as people read them on this system, or nothing. */
    public String keysForPeople() {
        return keys == null ? "" : keys.getDisplayText();
    }
}
