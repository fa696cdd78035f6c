package studio.atelier.app.page;

import java.util.Set;
import java.util.regex.Pattern;
import org.commonmark.parser.beta.InlineContentParser;
import org.commonmark.parser.beta.InlineContentParserFactory;
import org.commonmark.parser.beta.InlineParserState;
import org.commonmark.parser.beta.ParsedInline;
import org.commonmark.parser.beta.Position;
import org.commonmark.parser.beta.Scanner;

/**
 * Reads formulas inside lines: {@code $…$}, {@code $$…$$}, {@code \(…\)} and {@code \[…\]}. Code never gets here. Sums of
 * money and names of variables stay text: a formula's first sign follows its dollar at once, its last dollar follows its
 * last sign at once, and neither dollar touches a letter or digit outside.
 */
final class MathSpanParser implements InlineContentParser {
    /** Bounds the search, so that a text full of dollars costs no more than its length. */
    private static final int MOST_CHARACTERS = 1_000;

    private static final Pattern MONEY = Pattern.compile("\\d.*\\s\\p{L}{2,}\\s.*", Pattern.DOTALL);
    private static final Pattern FORMULA_SIGNS = Pattern.compile("[\\\\^_={}<>]");
    private static final Pattern WORDS = Pattern.compile(".*\\p{L}{3,}\\s+\\p{L}{3,}.*", Pattern.DOTALL);

    /** Makes readers of formulas. */
    static final class Factory implements InlineContentParserFactory {
        @Override
        public Set<Character> getTriggerCharacters() {
            return Set.of('$', '\\');
        }

        @Override
        public InlineContentParser create() {
            return new MathSpanParser();
        }
    }

    @Override
    public ParsedInline tryParse(InlineParserState state) {
        Scanner scanner = state.scanner();
        int before = scanner.peekPreviousCodePoint();
        if (scanner.next('\\')) {
            if (scanner.next('(')) {
                return bracketed(scanner, ')', false);
            }
            return scanner.next('[') ? bracketed(scanner, ']', true) : ParsedInline.none();
        }
        scanner.next();
        if (before == '$' || isLetterOrDigit(before)) {
            return ParsedInline.none();
        }
        return scanner.next('$') ? betweenDoubleDollars(scanner) : betweenDollars(scanner);
    }

    private static ParsedInline bracketed(Scanner scanner, char closing, boolean display) {
        Position start = scanner.position();
        for (int i = 0; i < MOST_CHARACTERS && scanner.hasNext(); i++) {
            Position end = scanner.position();
            if (scanner.next('\\')) {
                if (scanner.next(closing)) {
                    String latex = between(scanner, start, end);
                    // Escaped brackets around plain words are brackets.
                    boolean formula = FORMULA_SIGNS.matcher(latex).find()
                            || !display && !WORDS.matcher(latex).matches();
                    return formula && !latex.isBlank()
                            ? ParsedInline.of(new MathSpan(latex.strip(), display), scanner.position())
                            : ParsedInline.none();
                }
            }
            if (scanner.hasNext()) {
                scanner.next();
            }
        }
        return ParsedInline.none();
    }

    private static ParsedInline betweenDoubleDollars(Scanner scanner) {
        Position start = scanner.position();
        for (int i = 0; i < MOST_CHARACTERS && scanner.hasNext(); i++) {
            Position end = scanner.position();
            if (scanner.next("$$")) {
                String latex = between(scanner, start, end).strip();
                return latex.isEmpty()
                        ? ParsedInline.none()
                        : ParsedInline.of(new MathSpan(latex, true), scanner.position());
            }
            skipOne(scanner);
        }
        return ParsedInline.none();
    }

    private static ParsedInline betweenDollars(Scanner scanner) {
        if (!scanner.hasNext() || Character.isWhitespace(scanner.peek())) {
            return ParsedInline.none();
        }
        Position start = scanner.position();
        for (int i = 0; i < MOST_CHARACTERS && scanner.hasNext(); i++) {
            if (scanner.peek() == '$') {
                Position end = scanner.position();
                int last = scanner.peekPreviousCodePoint();
                scanner.next();
                if (!Character.isWhitespace(last) && !isLetterOrDigit(scanner.peekCodePoint())) {
                    String latex = between(scanner, start, end);
                    boolean money = MONEY.matcher(latex).matches()
                            && !FORMULA_SIGNS.matcher(latex).find();
                    return latex.isBlank() || money
                            ? ParsedInline.none()
                            : ParsedInline.of(new MathSpan(latex, false), scanner.position());
                }
            } else {
                skipOne(scanner);
            }
        }
        return ParsedInline.none();
    }

    /** Skips a character, or a backslash with what it escapes. */
    private static void skipOne(Scanner scanner) {
        if (scanner.next('\\') && !scanner.hasNext()) {
            return;
        }
        scanner.next();
    }

    private static String between(Scanner scanner, Position start, Position end) {
        return scanner.getSource(start, end).getContent();
    }

    /** Letters of alphabets only: Chinese is written right up to a formula. */
    private static boolean isLetterOrDigit(int codePoint) {
        return codePoint < 0x250 && Character.isLetterOrDigit(codePoint);
    }
}
