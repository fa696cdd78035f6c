package studio.atelier.app.page;

import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.LongFunction;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.MenuItem;
import javafx.scene.control.SeparatorMenuItem;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.ContextMenuEvent;

/** The page's context menu: the selected text, and what can be done with the message under the mouse. */
final class PageMenu {
    private final WebPage page;
    private final PageWords words;
    private final LongFunction<Optional<PageMessage>> find;
    private final BiConsumer<PageMessage, PageMessage.Action> act;
    private final ContextMenu menu = new ContextMenu();

    PageMenu(
            WebPage page,
            PageWords words,
            LongFunction<Optional<PageMessage>> find,
            BiConsumer<PageMessage, PageMessage.Action> act) {
        this.page = page;
        this.words = words;
        this.find = find;
        this.act = act;
    }

    void show(ContextMenuEvent event) {
        menu.hide();
        menu.getItems().clear();
        String selected = page.call("selection");
        if (!selected.isBlank()) {
            menu.getItems().add(item(words.copySelection(), () -> copy(selected)));
        }
        String key = page.call("keyAt", event.getX(), event.getY());
        if (!key.isEmpty()) {
            find.apply(Long.parseLong(key)).ifPresent(this::addActions);
        }
        if (!menu.getItems().isEmpty()) {
            menu.show(page.view(), event.getScreenX(), event.getScreenY());
        }
        event.consume();
    }

    private void addActions(PageMessage message) {
        if (!menu.getItems().isEmpty() && !message.actions().isEmpty()) {
            menu.getItems().add(new SeparatorMenuItem());
        }
        for (PageMessage.Action action : PageMessage.Action.values()) {
            if (message.actions().contains(action)) {
                menu.getItems().add(item(words.action(action), () -> act.accept(message, action)));
            }
        }
    }

    private static MenuItem item(String text, Runnable task) {
        MenuItem item = new MenuItem(text);
        item.setMnemonicParsing(false);
        item.setOnAction(_ -> task.run());
        return item;
    }

    private static void copy(String text) {
        ClipboardContent content = new ClipboardContent();
        content.putString(text);
        Clipboard.getSystemClipboard().setContent(content);
    }
}
