package studio.atelier.engine.tokenizer;

/** Tokens of the {@link ByteLevelAlphabet} back to bytes, the bytes of all tokens together to text. */
final class ByteLevelDecoding implements TextSink {
    private final TextSink target;
    private final StringBuilder token = new StringBuilder();
    private final Utf8Assembler utf8 = new Utf8Assembler();

    ByteLevelDecoding(TextSink target) {
        this.target = target;
    }

    @Override
    public void text(String part) {
        token.append(part);
    }

    @Override
    public void endToken() {
        var complete = new StringBuilder();
        utf8.append(ByteLevelAlphabet.decode(token.toString()), complete);
        token.setLength(0);
        pass(complete);
    }

    @Override
    public void end() {
        var rest = new StringBuilder();
        utf8.finish(rest);
        pass(rest);
        target.endToken();
        target.end();
    }

    private void pass(StringBuilder text) {
        if (!text.isEmpty()) {
            target.text(text.toString());
        }
    }
}
