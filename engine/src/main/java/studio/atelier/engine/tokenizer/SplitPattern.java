package studio.atelier.engine.tokenizer;

import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import studio.atelier.engine.EngineException;

/** What a splitter or replacer looks for: a regular expression, a literal text, or a kind of character. */
sealed interface SplitPattern {

    /** Cuts the text into spans that match and spans between them; together they cover it. */
    Spans spans(String text);

    /** Reads {@code {"Regex": …}} or {@code {"String": …}}. */
    static SplitPattern read(JsonSection section) throws EngineException {
        var literal = section.optional("String");
        if (literal.isPresent()) {
            return new Literal(literal.get().text());
        }
        var regex = section.optional("Regex");
        if (regex.isEmpty()) {
            throw section.broken("must hold a \"String\" or a \"Regex\"");
        }
        try {
            return new Regex(RegexTranslation.compile(regex.get().text()));
        } catch (PatternSyntaxException e) {
            throw regex.get().broken("is a regular expression that cannot be used: " + e.getDescription());
        }
    }

    /** The text with every match replaced, the replacement taken literally. */
    default String replaceAll(String text, String replacement) {
        var spans = spans(text);
        var result = new StringBuilder(text.length());
        for (int i = 0; i < spans.size(); i++) {
            if (spans.matched(i)) {
                TextLimit.check((long) result.length() + replacement.length());
                result.append(replacement);
            } else {
                result.append(text, spans.start(i), spans.end(i));
            }
        }
        return result.toString();
    }

    /** A regular expression from the file, stopped when it needs unreasonably many steps. */
    record Regex(Pattern pattern) implements SplitPattern {
        @Override
        public Spans spans(String text) {
            try {
                return find(new BoundedText(text, pattern.pattern()));
            } catch (StackOverflowError e) {
                // Repeated groups recurse once per repetition; a long text gets a thread with a deep stack.
                return DeepStack.call(() -> find(new BoundedText(text, pattern.pattern())));
            }
        }

        private Spans find(BoundedText text) {
            var spans = new Spans();
            Matcher matcher = pattern.matcher(text);
            int end = 0;
            boolean afterMatch = false;
            while (matcher.find()) {
                boolean empty = matcher.start() == matcher.end();
                if (empty && ((afterMatch && matcher.start() == end) || text.splitsPair(matcher.start()))) {
                    continue;
                }
                spans.addGap(matcher.start());
                spans.add(matcher.end(), true);
                end = matcher.end();
                afterMatch = true;
            }
            spans.addGap(text.length());
            return spans;
        }
    }

    /** The text itself. */
    record Literal(String literal) implements SplitPattern {
        @Override
        public Spans spans(String text) {
            var spans = new Spans();
            int at = literal.isEmpty() ? -1 : text.indexOf(literal);
            while (at >= 0) {
                spans.addGap(at);
                spans.add(at + literal.length(), true);
                at = text.indexOf(literal, at + literal.length());
            }
            spans.addGap(text.length());
            return spans;
        }
    }

    /** Every single character of a kind. */
    record OneOf(IntPredicate kind) implements SplitPattern {
        @Override
        public Spans spans(String text) {
            var spans = new Spans();
            for (int i = 0; i < text.length(); ) {
                int codePoint = text.codePointAt(i);
                int next = i + Character.charCount(codePoint);
                if (kind.test(codePoint)) {
                    spans.addGap(i);
                    spans.add(next, true);
                }
                i = next;
            }
            spans.addGap(text.length());
            return spans;
        }
    }

    /** What the other pattern does not match, and the other way round. */
    record Inverted(SplitPattern pattern) implements SplitPattern {
        @Override
        public Spans spans(String text) {
            return pattern.spans(text).inverted();
        }
    }
}
