package studio.atelier.engine.chat;

import java.util.List;

/**
 * Splits what a model writes, while it writes, into thinking, text and tool calls. A tag that may still become one is
 * held back; nothing of the answer is lost: a tool call that cannot be read comes out as text.
 *
 * <p>Feed it decoded text with the special tokens kept. One parser serves one answer and belongs to one thread.
 */
public final class OutputParser {
    private OutputParser() {}

    /**
     * The parser for what a model with this template writes.
     *
     * @param renderedPrompt the prompt that the model continues: when it ends inside an open thinking tag, the answer
     *     starts with thinking
     */
    public static OutputParser forTemplate(ChatTemplate template, String renderedPrompt) {
        throw new UnsupportedOperationException("forTemplate");
    }

    /** Takes the next decoded text and gives what is certain by now; often nothing, sometimes several pieces. */
    public List<Piece> accept(String text) {
        throw new UnsupportedOperationException("accept");
    }

    /** Gives what was held back at the end of the answer. */
    public List<Piece> finish() {
        throw new UnsupportedOperationException("finish");
    }
}
