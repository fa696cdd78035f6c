package studio.atelier.engine.tokenizer;

/** All tokens become one. */
record FusedDecoding(TextSink target) implements TextSink {
    @Override
    public void text(String part) {
        target.text(part);
    }

    @Override
    public void endToken() {}

    @Override
    public void end() {
        target.endToken();
        target.end();
    }
}
