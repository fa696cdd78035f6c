package studio.atelier.engine.tokenizer;

import java.util.List;
import studio.atelier.engine.EngineException;

/** What becomes of the matches when a text is split by a pattern. */
enum SplitBehavior {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS;

    static SplitBehavior read(JsonSection section) throws EngineException {
        return switch (section.text()) {
            case "Removed" -> REMOVED;
            case "Isolated" -> ISOLATED;
            case "MergedWithPrevious" -> MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> MERGED_WITH_NEXT;
            case "Contiguous" -> CONTIGUOUS;
            case String other -> throw section.broken("names an unknown split behavior \"" + other + "\"");
        };
    }

    /** Adds the piece's parts to {@code parts}, empty ones left out. */
    void split(Piece piece, SplitPattern pattern, List<Piece> parts) {
        var spans = pattern.spans(piece.text());
        int start = 0;
        for (int i = 0; i < spans.size(); i++) {
            if (i > 0 && !joined(spans.matched(i - 1), spans.matched(i))) {
                start = spans.start(i);
            }
            boolean last = i + 1 == spans.size() || !joined(spans.matched(i), spans.matched(i + 1));
            boolean removed = this == REMOVED && spans.matched(i);
            if (last && !removed && spans.end(i) > start) {
                parts.add(piece.part(start, spans.end(i)));
            }
        }
    }

    private boolean joined(boolean leftMatched, boolean rightMatched) {
        return switch (this) {
            case REMOVED, ISOLATED -> false;
            case CONTIGUOUS -> leftMatched == rightMatched;
            case MERGED_WITH_PREVIOUS -> !leftMatched && rightMatched;
            case MERGED_WITH_NEXT -> leftMatched && !rightMatched;
        };
    }
}
