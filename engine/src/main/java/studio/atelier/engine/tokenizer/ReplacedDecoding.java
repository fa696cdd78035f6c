package studio.atelier.engine.tokenizer;

/**
 * Replaces every match inside a token. A literal of one character is replaced at once; anything else could straddle
 * parts, so the token is collected first.
 */
final class ReplacedDecoding implements TextSink {
    private final TextSink target;
    private final SplitPattern pattern;
    private final String content;
    private final boolean atOnce;
    private final StringBuilder token = new StringBuilder();

    ReplacedDecoding(TextSink target, SplitPattern pattern, String content) {
        this.target = target;
        this.pattern = pattern;
        this.content = content;
        this.atOnce = pattern instanceof SplitPattern.Literal(String literal)
                && literal.codePointCount(0, literal.length()) == 1;
    }

    @Override
    public void text(String part) {
        if (atOnce) {
            target.text(pattern.replaceAll(part, content));
        } else {
            token.append(part);
        }
    }

    @Override
    public void endToken() {
        if (!atOnce) {
            target.text(pattern.replaceAll(token.toString(), content));
            token.setLength(0);
        }
        target.endToken();
    }

    @Override
    public void end() {
        target.end();
    }
}
