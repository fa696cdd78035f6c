package studio.atelier.app.page;

import org.commonmark.node.CustomBlock;

/** A formula on lines of its own. One that was never closed is shown as it was written. */
final class MathBlock extends CustomBlock {
    private final StringBuilder latex = new StringBuilder();
    private final String opening;
    private boolean closed;

    /** @param opening the sign it began with */
    MathBlock(String opening) {
        this.opening = opening;
    }

    void append(CharSequence line) {
        if (!latex.isEmpty()) {
            latex.append('\n');
        }
        latex.append(line);
    }

    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    String latex() {
        return latex.toString();
    }

    /** As it stands in the text, for one that was not closed. */
    String source() {
        return opening + latex;
    }
}
