package studio.atelier.engine.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.OutputFormat.Block;
import studio.atelier.engine.chat.OutputFormat.Tags;

/** Thinking and tool calls between tags, as most models write them. */
final class TagMarks implements OutputParser.Marks {
    /** How a bare JSON call begins, without white space. */
    private static final List<String> CALL_BEGINNINGS = List.of("{\"name\"", "{\"type\"", "{\"function\"");

    private enum Mode {
        /** Nothing but white space so far: a bare JSON call may come. */
        BEGINNING,
        BARE_JSON,
        TEXT,
        THINKING,
        BLOCK
    }

    private final OutputFormat format;
    private final Markers outside;
    private final StringBuilder held = new StringBuilder();
    private Mode mode;

    /** The block that is open, and the line breaks before it. */
    private @Nullable Block block;

    private String breaksBefore = "";

    /** Where in what is held the end of the block may still come. */
    private int searchFrom;

    /** Whether line breaks that come next belong to the tag before them. */
    private boolean afterTag;

    TagMarks(OutputFormat format, boolean thinking) {
        this.format = format;
        var markers = new ArrayList<String>();
        if (format.thinking() != null) {
            markers.add(format.thinking().open());
        }
        format.blocks().forEach(each -> markers.add(each.open()));
        markers.addAll(format.silent());
        this.outside = new Markers(markers);
        this.mode = thinking ? Mode.THINKING : format.bareJson() ? Mode.BEGINNING : Mode.TEXT;
        this.afterTag = thinking;
    }

    @Override
    public void accept(String text, Pieces pieces) {
        held.append(text);
        while (step(pieces)) {}
    }

    /** Does what can be done with what is held; true when there may be more to do. */
    private boolean step(Pieces pieces) {
        skipBreaksAfterTag();
        return switch (mode) {
            case BEGINNING -> begin();
            case BARE_JSON -> false;
            case TEXT -> text(pieces);
            case THINKING -> thinking(pieces);
            case BLOCK -> block(pieces);
        };
    }

    private void skipBreaksAfterTag() {
        if (afterTag && mode != Mode.BLOCK) {
            int breaks = 0;
            while (breaks < held.length() && held.charAt(breaks) == '\n') {
                breaks++;
            }
            held.delete(0, breaks);
            afterTag = held.isEmpty();
        }
    }

    private boolean begin() {
        String compact = held.toString().replaceAll("\\s+", "");
        if (compact.isEmpty() || CALL_BEGINNINGS.stream().anyMatch(each -> each.startsWith(compact))) {
            return false;
        }
        mode = CALL_BEGINNINGS.stream().anyMatch(compact::startsWith) ? Mode.BARE_JSON : Mode.TEXT;
        return true;
    }

    private boolean text(Pieces pieces) {
        var found = outside.find(held);
        if (found == null) {
            int certain = withoutBreaks(outside.begunAt(held));
            pieces.text(held.substring(0, certain));
            held.delete(0, certain);
            return false;
        }
        int end = withoutBreaks(found.at());
        pieces.text(held.substring(0, end));
        breaksBefore = held.substring(end, found.at());
        held.delete(0, found.at() + found.marker().length());
        open(found.marker());
        return true;
    }

    private void open(String marker) {
        afterTag = true;
        if (format.thinking() != null && marker.equals(format.thinking().open())) {
            mode = Mode.THINKING;
            return;
        }
        for (Block each : format.blocks()) {
            if (each.open().equals(marker)) {
                block = each;
                mode = Mode.BLOCK;
                searchFrom = 0;
                return;
            }
        }
    }

    private int withoutBreaks(int end) {
        int certain = end;
        while (certain > 0 && held.charAt(certain - 1) == '\n') {
            certain--;
        }
        return certain;
    }

    private boolean thinking(Pieces pieces) {
        Tags tags = format.thinking();
        if (tags == null) {
            throw new IllegalStateException("thinking without tags");
        }
        var close = new Markers(List.of(tags.close()));
        var found = close.find(held);
        int certain = withoutBreaks(found == null ? close.begunAt(held) : found.at());
        pieces.reasoning(held.substring(0, certain));
        if (found == null) {
            held.delete(0, certain);
            return false;
        }
        held.delete(0, found.at() + tags.close().length());
        mode = format.bareJson() ? Mode.BEGINNING : Mode.TEXT;
        afterTag = true;
        return true;
    }

    private boolean block(Pieces pieces) {
        String close = block == null ? null : block.close();
        int end = close == null ? -1 : held.indexOf(close, searchFrom);
        if (close == null || end < 0) {
            searchFrom = close == null ? 0 : Math.max(0, held.length() - close.length() + 1);
            return false;
        }
        finishBlock(held.substring(0, end), close, pieces);
        held.delete(0, end + close.length());
        return true;
    }

    private void finishBlock(String inside, String close, Pieces pieces) {
        if (block == null) {
            throw new IllegalStateException("the end of a block that was not opened");
        }
        List<ToolCall> calls = CallReader.read(block.syntax(), inside, !close.isEmpty());
        if (calls.isEmpty()) {
            pieces.text(breaksBefore + block.open() + inside + close);
        } else {
            pieces.calls(calls);
        }
        block = null;
        mode = Mode.TEXT;
        afterTag = !calls.isEmpty();
    }

    @Override
    public void finish(Pieces pieces) {
        String rest = held.toString();
        held.setLength(0);
        switch (mode) {
            case BEGINNING, TEXT -> pieces.text(rest);
            case THINKING -> pieces.reasoning(rest);
            case BLOCK -> finishBlock(rest, "", pieces);
            case BARE_JSON -> {
                List<ToolCall> calls = CallReader.json(rest.strip());
                if (calls.isEmpty()) {
                    pieces.text(rest);
                } else {
                    pieces.calls(calls);
                }
            }
        }
        mode = Mode.TEXT;
    }
}
