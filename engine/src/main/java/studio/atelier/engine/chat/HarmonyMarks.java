package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The channels of gpt-oss: analysis is thinking, final and commentary are text, what goes to a tool is a call. */
final class HarmonyMarks implements OutputParser.Marks {
    private static final String START = "<|start|>";
    private static final String MESSAGE = "<|message|>";
    private static final Markers ENDS = new Markers(List.of("<|end|>", "<|return|>", "<|call|>", START));

    /** Characters of a header; what is longer is none. */
    private static final int MAX_HEADER = 2_000;

    private static final Pattern RECIPIENT = Pattern.compile("\\bto=([^\\s<]++)");
    private static final Pattern CHANNEL = Pattern.compile("<\\|channel\\|>\\s*+([a-z]++)");

    private final StringBuilder held = new StringBuilder();

    /** How much of what is held comes from the prompt and is no part of the answer. */
    private int given;

    private boolean inHeader = true;
    private boolean thinking;

    /** Who the message is for; null for the person. */
    private @Nullable String recipient;

    HarmonyMarks(String prompt) {
        int start = prompt.lastIndexOf(START);
        String begun = start < 0 ? "" : prompt.substring(start + START.length());
        if (begun.length() <= MAX_HEADER && !begun.contains("<|end|>")) {
            held.append(begun);
            given = begun.length();
        }
    }

    @Override
    public void accept(String text, Pieces pieces) {
        held.append(text);
        while (inHeader ? header(pieces) : body(pieces)) {}
    }

    private boolean header(Pieces pieces) {
        int message = held.indexOf(MESSAGE);
        if (message < 0) {
            if (held.length() - given > MAX_HEADER) {
                pieces.text(held.substring(given));
                held.setLength(0);
                given = 0;
            }
            return false;
        }
        String header = held.substring(0, message);
        held.delete(0, message + MESSAGE.length());
        given = 0;
        Matcher channel = CHANNEL.matcher(header);
        Matcher to = RECIPIENT.matcher(header);
        thinking = channel.find() && channel.group(1).equals("analysis");
        recipient = to.find() ? to.group(1) : null;
        inHeader = false;
        return true;
    }

    private boolean body(Pieces pieces) {
        var end = ENDS.find(held);
        if (end == null) {
            if (recipient == null) {
                int certain = ENDS.begunAt(held);
                write(held.substring(0, certain), pieces);
                held.delete(0, certain);
            }
            return false;
        }
        finishBody(held.substring(0, end.at()), pieces);
        held.delete(0, end.at() + end.marker().length());
        inHeader = true;
        return true;
    }

    private void write(String text, Pieces pieces) {
        if (thinking) {
            pieces.reasoning(text);
        } else {
            pieces.text(text);
        }
    }

    private void finishBody(String body, Pieces pieces) {
        if (recipient == null) {
            write(body, pieces);
            return;
        }
        String name = recipient.startsWith("functions.") ? recipient.substring("functions.".length()) : recipient;
        String arguments = body.strip();
        if (ArgumentForms.read(arguments) == null) {
            arguments = ArgumentForms.text(JsonNodeFactory.instance.objectNode().put("code", body));
        }
        pieces.calls(List.of(new ToolCall(null, name, arguments)));
    }

    @Override
    public void finish(Pieces pieces) {
        String rest = held.toString();
        held.setLength(0);
        if (!inHeader) {
            finishBody(rest, pieces);
            return;
        }
        // A header without its message is none: the model wrote plain text.
        String written = rest.substring(Math.min(given, rest.length()));
        if (!written.isBlank()
                && !written.equals(START)
                && !written.contains("<|channel|>")
                && !written.strip().equals("assistant")) {
            pieces.text(written);
        }
    }
}
