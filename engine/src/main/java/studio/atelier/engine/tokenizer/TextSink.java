package studio.atelier.engine.tokenizer;

/**
 * Where decoded text goes. Text of one token may come in several parts; decoders that join tokens report the end of
 * the joined token only.
 */
interface TextSink {
    void text(String part);

    void endToken();

    /** Nothing follows; what was held back comes now. */
    void end();

    /** Collects text and does not care where tokens end. */
    record Collected(StringBuilder text) implements TextSink {
        @Override
        public void text(String part) {
            text.append(part);
        }

        @Override
        public void endToken() {}

        @Override
        public void end() {}
    }
}
