package studio.atelier.app.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import studio.atelier.app.library.Message;

/** Makes messages into HTML. Any thread may use it; a long text takes a while. */
final class MessageHtml {
    private final PageWords words;
    private final Markdown markdown;

    MessageHtml(PageWords words) {
        this.words = words;
        this.markdown = new Markdown(words);
    }

    Rendered render(PageMessage shown) {
        Message message = shown.message();
        return switch (message.author()) {
            // What a person wrote is shown as it was written: pasted code must not turn into headings.
            case PERSON ->
                new Rendered(
                        shown, about(shown), List.of(), withPicture(shown, List.of(Markdown.plain(message.text()))));
            case MODEL ->
                new Rendered(
                        shown,
                        about(shown),
                        markdown.blocks(message.reasoning()),
                        withPicture(shown, markdown.blocks(message.text())));
        };
    }

    /** The page can load nothing, so a picture is written into it. */
    private List<String> withPicture(PageMessage shown, List<String> blocks) {
        if (shown.picture().isEmpty()) {
            return blocks;
        }
        List<String> all = new ArrayList<>();
        try {
            byte[] bytes = Files.readAllBytes(shown.picture().get());
            all.add("<div class=\"picture\"><img alt=\"\" src=\"data:image/png;base64,"
                    + Base64.getEncoder().encodeToString(bytes) + "\"></div>");
        } catch (IOException e) {
            all.add(Markdown.plain(words.pictureGone()));
        }
        all.addAll(blocks);
        return all;
    }

    private ObjectNode about(PageMessage shown) {
        Message message = shown.message();
        ObjectNode about = JsonNodeFactory.instance
                .objectNode()
                .put("about", message.key())
                .put("author", message.author() == Message.Author.PERSON ? words.person() : words.model())
                .put("open", shown.isOpen());
        if (!message.reasoning().isBlank()) {
            about.put("thought", thought(message));
        }
        message.source().ifPresent(page -> about.put("source", words.source(page.title())));
        ArrayNode notes = about.putArray("notes");
        if (message.author() == Message.Author.MODEL) {
            end(message.end(), notes);
        }
        if (!shown.note().isEmpty()) {
            notes.add(shown.note());
        }
        ArrayNode actions = about.putArray("actions");
        for (PageMessage.Action action : PageMessage.Action.values()) {
            if (shown.actions().contains(action)) {
                actions.addObject().put("name", action.pageName()).put("title", words.action(action));
            }
        }
        return about;
    }

    private String thought(Message message) {
        boolean running = message.end() == Message.End.RUNNING && message.text().isBlank();
        OptionalInt seconds = message.thoughtSeconds();
        if (seconds.isEmpty()) {
            return running ? words.thinking() : words.thought();
        }
        return running ? words.thinkingFor(seconds.getAsInt()) : words.thoughtFor(seconds.getAsInt());
    }

    private void end(Message.End end, ArrayNode notes) {
        switch (end) {
            case RUNNING, COMPLETE -> {}
            case STOPPED -> notes.add(words.stopped());
            case CUT_OFF -> notes.add(words.cutOff());
        }
    }
}
