package studio.atelier.app.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import javafx.animation.PauseTransition;
import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.paint.Color;
import javafx.util.Duration;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;

/**
 * The messages of one conversation. Belongs to the FX thread; make it after the window's first frame, because WebKit takes
 * a second to load. What is shown before the page is ready appears as soon as it is.
 *
 * <p>Markdown is made into HTML beside the window, one batch at a time and always the latest; what the page can't take in
 * within a frame goes over in several.
 */
public final class ChatPage implements AutoCloseable {
    /** Messages that a page begins with, and that are added when the reader comes to the first one. */
    private static final int MESSAGES_AT_ONCE = 30;

    /** The window's thread spends at most a quarter of its time on an answer, however long it has grown. */
    private static final double REST_PER_WORK = 3;

    private static final double CODE_PER_TEXT = 12.5 / 14;
    private static final double NANOS_PER_MILLI = 1e6;

    private final ShownMessages shown = new ShownMessages();
    private final PageWords words;
    private final MessageHtml html;
    private final Background background;
    private final FrameBatcher frames;
    private final Consumer<PageEvent> told;
    private final WebPage page;
    private List<PageMessage> wanted = List.of();
    private int first;
    private boolean busy;
    private boolean stale;
    private boolean closed;
    private PageTheme theme = PageTheme.LIGHT;
    private int textPixels = 14;

    /** @param told what the person does on the page, on the FX thread */
    public ChatPage(PageWords words, Background background, FrameBatcher frames, Consumer<PageEvent> told) {
        this.words = words;
        this.background = background;
        this.frames = frames;
        this.told = told;
        html = new MessageHtml(words);
        page = new WebPage(frames, this::begin, this::hear);
        page.view().setOnContextMenuRequested(new PageMenu(page, words, this::find, this::act)::show);
    }

    /** What is put into the window. */
    public Node node() {
        return page.view();
    }

    /**
     * Shows these messages and no others. Those that were shown before stay where they are; when none was, the page is at
     * its end.
     */
    public void show(List<PageMessage> messages) {
        announceFinished(messages);
        wanted = List.copyOf(messages);
        first = firstToShow();
        refresh();
    }

    /** Changes the colours. */
    public void setTheme(PageTheme chosen) {
        theme = chosen;
        page.view().setPageFill(Color.web(chosen.background()));
        page.call("colours", chosen.colours(), chosen == PageTheme.DARK);
    }

    /** Changes the size of message text; code and tables follow. */
    public void setTextPixels(int pixels) {
        textPixels = pixels;
        page.call("sizes", pixels, pixels * CODE_PER_TEXT);
    }

    /** Goes to the last message and stays there while it grows. */
    public void showLatest() {
        page.call("showLatest");
    }

    /** Gives the keyboard to the last message; the arrow keys go on from there. */
    public void focus() {
        page.view().requestFocus();
        page.call("focusLast");
    }

    /** Lets go of the page. */
    @Override
    public void close() {
        closed = true;
        wanted = List.of();
        page.close();
    }

    private void begin() {
        shown.clear();
        page.call(
                "use",
                words.languageTag(),
                Map.of("messages", words.messages(), "latest", words.latest(), "copied", words.copied()));
        page.call("stillness", Platform.getPreferences().isReducedMotion());
        setTheme(theme);
        setTextPixels(textPixels);
        refresh();
    }

    /** Screen readers hear an answer once, when it is complete. */
    private void announceFinished(List<PageMessage> messages) {
        if (messages.isEmpty() || wanted.isEmpty()) {
            return;
        }
        PageMessage last = messages.getLast();
        boolean wasOpen = find(last.key()).filter(PageMessage::isOpen).isPresent();
        if (wasOpen && !last.isOpen()) {
            page.call("announce", last.message().text());
        }
    }

    private int firstToShow() {
        for (int i = 0; i < wanted.size(); i++) {
            if (shown.contains(wanted.get(i).key())) {
                return i;
            }
        }
        return Math.max(0, wanted.size() - MESSAGES_AT_ONCE);
    }

    private List<PageMessage> visible() {
        return wanted.subList(Math.min(first, wanted.size()), wanted.size());
    }

    /** Makes what changed into HTML beside the window, then hands it to the page. */
    private void refresh() {
        if (!page.isReady() || busy) {
            stale = !closed;
            return;
        }
        stale = false;
        busy = true;
        List<PageMessage> now = List.copyOf(visible());
        List<PageMessage> changed = shown.changed(now);
        background.atOnce(() -> changed.stream().map(html::render).toList(), fresh -> hand(now, fresh), _ -> rest(0));
    }

    private void hand(List<PageMessage> now, List<Rendered> fresh) {
        Map<Long, Rendered> byKey =
                fresh.stream().collect(Collectors.toMap(its -> its.source().key(), Function.identity()));
        if (page.isReady()) {
            step(new ArrayList<>(shown.turnTo(now, byKey)));
        } else {
            rest(0);
        }
    }

    /** One step a frame when steps are large: a long text must not stop the window. */
    private void step(List<ObjectNode> steps) {
        long before = System.nanoTime();
        List<ObjectNode> some = new ArrayList<>();
        int size = 0;
        while (!steps.isEmpty() && size < ShownMessages.STEP_CHARACTERS) {
            ObjectNode next = steps.removeFirst();
            size += ShownMessages.charactersOf(next);
            some.add(next);
        }
        if (!some.isEmpty()) {
            page.call("apply", some, steps.isEmpty() && first > 0);
        }
        double workedMillis = (System.nanoTime() - before) / NANOS_PER_MILLI;
        if (steps.isEmpty()) {
            rest(workedMillis * REST_PER_WORK);
        } else {
            frames.post(() -> step(steps));
        }
    }

    private void rest(double millis) {
        PauseTransition wait = new PauseTransition(Duration.millis(millis));
        wait.setOnFinished(_ -> {
            busy = false;
            if (stale && !closed) {
                refresh();
            }
        });
        wait.play();
    }

    private void hear(JsonNode said) {
        String what = said.path("what").asText();
        switch (what) {
            case "older" -> {
                first = Math.max(0, first - MESSAGES_AT_ONCE);
                refresh();
            }
            case "copy-text" -> copy(said.path("text").asText());
            case "link" ->
                AnswerHtml.allowed(said.path("address").asText())
                        .ifPresent(address -> told.accept(new PageEvent.OpenLink(address)));
            case "source" ->
                find(said.path("key").asLong())
                        .flatMap(its -> its.message().source())
                        .ifPresent(source -> told.accept(new PageEvent.OpenHelpPage(source)));
            default -> {
                for (PageMessage.Action action : PageMessage.Action.values()) {
                    if (action.pageName().equals(what)) {
                        find(said.path("key").asLong())
                                .filter(its -> its.actions().contains(action))
                                .ifPresent(its -> act(its, action));
                    }
                }
            }
        }
    }

    private Optional<PageMessage> find(long key) {
        return wanted.stream().filter(message -> message.key() == key).findFirst();
    }

    private void act(PageMessage message, PageMessage.Action action) {
        switch (action) {
            case COPY -> copy(message.message().text());
            case EDIT -> told.accept(new PageEvent.Edit(message.key()));
            case ANSWER_AGAIN -> told.accept(new PageEvent.AnswerAgain(message.key()));
            case DELETE -> told.accept(new PageEvent.Delete(message.key()));
        }
    }

    private void copy(String text) {
        ClipboardContent content = new ClipboardContent();
        content.putString(text);
        Clipboard.getSystemClipboard().setContent(content);
        told.accept(new PageEvent.Copied(text));
    }
}
