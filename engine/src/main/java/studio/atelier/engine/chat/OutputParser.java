package studio.atelier.engine.chat;

import java.util.List;

/**
 * Splits what a model writes, while it writes, into thinking, text and tool calls. A tag that may still become one is
 * held back; nothing of the answer is lost: a tool call that cannot be read comes out as text. Line breaks next to a tag
 * belong to the tag.
 *
 * <p>Feed it decoded text with the special tokens kept. One parser serves one answer and belongs to one thread.
 */
public final class OutputParser {
    /** The part that knows a way of marking. */
    sealed interface Marks permits TagMarks, HarmonyMarks {
        void accept(String text, Pieces pieces);

        void finish(Pieces pieces);
    }

    private final Marks marks;

    private OutputParser(Marks marks) {
        this.marks = marks;
    }

    /**
     * The parser for what a model with this template writes.
     *
     * @param renderedPrompt the prompt that the model continues: when it ends inside an open thinking tag, the answer
     *     starts with thinking
     */
    public static OutputParser forTemplate(ChatTemplate template, String renderedPrompt) {
        OutputFormat format = OutputFormat.of(template);
        return new OutputParser(
                format.harmony()
                        ? new HarmonyMarks(renderedPrompt)
                        : new TagMarks(format, format.opensThinking(renderedPrompt)));
    }

    /** Takes the next decoded text and gives what is certain by now; often nothing, sometimes several pieces. */
    public List<Piece> accept(String text) {
        var pieces = new Pieces();
        marks.accept(text, pieces);
        return pieces.all();
    }

    /** Gives what was held back at the end of the answer. */
    public List<Piece> finish() {
        var pieces = new Pieces();
        marks.finish(pieces);
        return pieces.all();
    }
}
