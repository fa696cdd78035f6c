package studio.atelier.app.page;

import org.commonmark.node.Block;
import org.commonmark.parser.block.AbstractBlockParser;
import org.commonmark.parser.block.AbstractBlockParserFactory;
import org.commonmark.parser.block.BlockContinue;
import org.commonmark.parser.block.BlockStart;
import org.commonmark.parser.block.MatchedBlockParser;
import org.commonmark.parser.block.ParserState;
import org.jspecify.annotations.Nullable;

/**
 * Reads formulas that begin a line with {@code $$} or {@code \[}, so that their lines are not taken for lists, tables or
 * headings. A blank line ends one that nobody closed: LaTeX allows none inside.
 */
final class MathBlockParser extends AbstractBlockParser {
    private final MathBlock block;
    private final String closing;

    private MathBlockParser(MathBlock block, String closing) {
        this.block = block;
        this.closing = closing;
    }

    /** Starts a formula where one begins. */
    static final class Factory extends AbstractBlockParserFactory {
        private static final int CODE_INDENT = 4;

        @Override
        public @Nullable BlockStart tryStart(ParserState state, MatchedBlockParser matched) {
            if (state.getIndent() >= CODE_INDENT) {
                return BlockStart.none();
            }
            CharSequence line = state.getLine().getContent();
            String rest = line.subSequence(state.getNextNonSpaceIndex(), line.length())
                    .toString();
            if (rest.startsWith("$$") && !rest.startsWith("$$$")) {
                return start("$$", "$$", rest.substring(2), line.length());
            }
            return rest.startsWith("\\[") ? start("\\[", "\\]", rest.substring(2), line.length()) : BlockStart.none();
        }

        private static @Nullable BlockStart start(String opening, String closing, String rest, int lineEnd) {
            MathBlock block = new MathBlock(opening);
            int end = rest.indexOf(closing);
            if (end >= 0) {
                String after = rest.substring(end + closing.length()).strip();
                String latex = rest.substring(0, end).strip();
                if (latex.isEmpty() || !isPunctuation(after)) {
                    return BlockStart.none();
                }
                block.append(latex + after);
                block.close();
            } else if (!rest.isBlank()) {
                block.append(rest.strip());
            }
            return BlockStart.of(new MathBlockParser(block, closing)).atIndex(lineEnd);
        }

        private static boolean isPunctuation(String text) {
            return text.length() <= 1 && ".,;:。，；：".contains(text);
        }
    }

    @Override
    public Block getBlock() {
        return block;
    }

    @Override
    public @Nullable BlockContinue tryContinue(ParserState state) {
        if (block.isClosed() || state.isBlank()) {
            return BlockContinue.none();
        }
        CharSequence whole = state.getLine().getContent();
        String line =
                whole.subSequence(state.getIndex(), whole.length()).toString().strip();
        if (line.endsWith(closing)) {
            String before = line.substring(0, line.length() - closing.length()).strip();
            if (!before.isEmpty()) {
                block.append(before);
            }
            block.close();
            return BlockContinue.finished();
        }
        block.append(line);
        return BlockContinue.atIndex(whole.length());
    }
}
