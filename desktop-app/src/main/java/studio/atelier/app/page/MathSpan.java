package studio.atelier.app.page;

import org.commonmark.node.CustomNode;

/** A formula inside a line: its LaTeX, and whether it wants the room of a line of its own. */
final class MathSpan extends CustomNode {
    private final String latex;
    private final boolean display;

    MathSpan(String latex, boolean display) {
        this.latex = latex;
        this.display = display;
    }

    String latex() {
        return latex;
    }

    boolean display() {
        return display;
    }
}
