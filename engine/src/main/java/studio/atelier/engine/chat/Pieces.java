package studio.atelier.engine.chat;

import java.util.ArrayList;
import java.util.List;

/** Collects the pieces of one step; neighbours of the same kind become one. */
final class Pieces {
    private final List<Piece> pieces = new ArrayList<>();

    void text(String text) {
        if (text.isEmpty()) {
            return;
        }
        if (!pieces.isEmpty() && pieces.getLast() instanceof Piece.Text before) {
            pieces.removeLast();
            pieces.add(new Piece.Text(before.text() + text));
        } else {
            pieces.add(new Piece.Text(text));
        }
    }

    void reasoning(String text) {
        if (text.isEmpty()) {
            return;
        }
        if (!pieces.isEmpty() && pieces.getLast() instanceof Piece.Reasoning before) {
            pieces.removeLast();
            pieces.add(new Piece.Reasoning(before.text() + text));
        } else {
            pieces.add(new Piece.Reasoning(text));
        }
    }

    void calls(List<ToolCall> calls) {
        pieces.addAll(calls);
    }

    List<Piece> all() {
        return List.copyOf(pieces);
    }
}
