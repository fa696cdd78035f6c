package studio.atelier.app.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javafx.concurrent.Worker;
import javafx.event.Event;
import javafx.scene.input.DragEvent;
import javafx.scene.web.WebEngine;
import javafx.scene.web.WebView;
import studio.atelier.app.concurrent.FrameBatcher;

/**
 * The web view with the page in it, closed to everything else: it goes to no other address, opens no window, and speaks
 * to the program in texts only. Belongs to the FX thread.
 */
final class WebPage {
    private static final Logger LOG = System.getLogger(WebPage.class.getName());

    private final WebView view = new WebView();
    private final ObjectMapper json = new ObjectMapper();
    private final Runnable loaded;
    private boolean ready;
    private boolean closed;

    /**
     * @param loaded called whenever the page is there, empty
     * @param heard takes what the page says, a frame later
     */
    WebPage(FrameBatcher frames, Runnable loaded, Consumer<JsonNode> heard) {
        this.loaded = loaded;
        view.setContextMenuEnabled(false);
        // A file dropped onto the page would be opened in its place.
        view.addEventFilter(DragEvent.ANY, Event::consume);
        WebEngine engine = view.getEngine();
        engine.setOnAlert(said -> frames.post(() -> read(said.getData(), heard)));
        engine.setConfirmHandler(_ -> false);
        engine.setPromptHandler(_ -> "");
        engine.setCreatePopupHandler(_ -> null);
        engine.getLoadWorker().stateProperty().addListener((_, _, state) -> follow(state));
        engine.load(PageFiles.START);
    }

    WebView view() {
        return view;
    }

    boolean isReady() {
        return ready;
    }

    /** Calls a function of the page; does nothing before the page is there. Returns what the page returned, as text. */
    String call(String function, Object... arguments) {
        if (!ready) {
            return "";
        }
        String list = Arrays.stream(arguments).map(this::written).collect(Collectors.joining(","));
        try {
            return String.valueOf(view.getEngine().executeScript("page." + function + "(" + list + ")"));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the page failed in " + function, e);
            return "";
        }
    }

    /** Lets go of the page; nothing is heard of it any more. */
    void close() {
        ready = false;
        closed = true;
        view.getEngine().setOnAlert(null);
        view.getEngine().load("about:blank");
    }

    private void follow(Worker.State state) {
        if (closed) {
            return;
        }
        WebEngine engine = view.getEngine();
        boolean own = PageFiles.START.equals(engine.getLocation());
        switch (state) {
            case SUCCEEDED -> {
                // The address alone does not tell: it changes a moment before or after the page does.
                if ("object".equals(engine.executeScript("typeof page"))) {
                    ready = true;
                    loaded.run();
                }
            }
            case FAILED ->
                LOG.log(
                        Level.ERROR,
                        "the page can't be loaded",
                        engine.getLoadWorker().getException());
            case SCHEDULED, RUNNING -> {
                ready = false;
                if (!own) {
                    LOG.log(Level.WARNING, "the page went to another address and is brought back");
                    engine.load(PageFiles.START);
                }
            }
            case READY, CANCELLED -> {}
        }
    }

    private void read(String said, Consumer<JsonNode> heard) {
        if (closed) {
            return;
        }
        try {
            heard.accept(json.readTree(said));
        } catch (JsonProcessingException e) {
            LOG.log(Level.WARNING, "the page said something that is no JSON", e);
        }
    }

    private String written(Object argument) {
        try {
            return json.writeValueAsString(argument);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("argument: expected a value that JSON can hold, got " + argument, e);
        }
    }
}
