package studio.atelier.engine.tokenizer;

/** Tokens as they are, a space between them. */
final class SpacedDecoding implements TextSink {
    private final TextSink target;
    private boolean tokenEnded;

    SpacedDecoding(TextSink target) {
        this.target = target;
    }

    @Override
    public void text(String part) {
        if (tokenEnded) {
            target.text(" ");
            tokenEnded = false;
        }
        target.text(part);
    }

    @Override
    public void endToken() {
        tokenEnded = true;
        target.endToken();
    }

    @Override
    public void end() {
        target.end();
    }
}
