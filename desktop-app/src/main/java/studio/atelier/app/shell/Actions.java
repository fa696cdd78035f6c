package studio.atelier.app.shell;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javafx.scene.Scene;
import javafx.scene.control.Menu;
import javafx.scene.control.MenuItem;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import studio.atelier.app.i18n.Messages;

/** What each {@link Action} does, for menus, shortcuts and buttons alike. */
public final class Actions {
    private final Map<Action, Runnable> does = new EnumMap<>(Action.class);
    private java.util.function.IntConsumer jumpToChat = _ -> {};

    /** Says what an action does. */
    public void define(Action action, Runnable task) {
        does.put(action, task);
    }

    /** Says what the shortcuts 1 to 9 do; they count from 0. */
    public void defineJump(java.util.function.IntConsumer jump) {
        jumpToChat = jump;
    }

    public void run(Action action) {
        Runnable task = does.get(action);
        if (task == null) {
            throw new IllegalStateException("nothing defines " + action);
        }
        task.run();
    }

    /** Listens to the keys that no part of the window wanted for itself. */
    public void listenTo(Scene scene) {
        scene.addEventHandler(KeyEvent.KEY_PRESSED, event -> {
            for (Action action : Action.values()) {
                if (action.keys().filter(keys -> keys.match(event)).isPresent()) {
                    event.consume();
                    run(action);
                    return;
                }
            }
            int digit = event.getCode().getCode() - KeyCode.DIGIT1.getCode();
            if (digit >= 0
                    && digit < 9
                    && KeyCombination.valueOf("Shortcut+" + (digit + 1)).match(event)) {
                event.consume();
                jumpToChat.accept(digit);
            }
        });
    }

    /** The menus of the menu bar, new items each time. */
    public List<Menu> menus(Messages messages) {
        return Arrays.stream(Action.Group.values())
                .map(group -> {
                    Menu menu = new Menu(messages.text(group.key()));
                    Arrays.stream(Action.values())
                            .filter(action -> action.group() == group)
                            .forEach(action -> menu.getItems().add(item(action, messages)));
                    return menu;
                })
                .toList();
    }

    /** One menu item, with its keys. */
    public MenuItem item(Action action, Messages messages) {
        MenuItem item = new MenuItem(messages.text(action.key()));
        item.setMnemonicParsing(false);
        action.keys().ifPresent(item::setAccelerator);
        item.setOnAction(_ -> run(action));
        return item;
    }
}
