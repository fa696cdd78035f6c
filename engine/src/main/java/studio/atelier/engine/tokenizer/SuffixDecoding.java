package studio.atelier.engine.tokenizer;

import org.jspecify.annotations.Nullable;

/** A suffix that ends words becomes a space, except in the last token, which is held back until another follows. */
final class SuffixDecoding implements TextSink {
    private final TextSink target;
    private final String suffix;
    private final StringBuilder token = new StringBuilder();
    private @Nullable String held;

    SuffixDecoding(TextSink target, String suffix) {
        this.target = target;
        this.suffix = suffix;
    }

    @Override
    public void text(String part) {
        token.append(part);
    }

    @Override
    public void endToken() {
        release(" ");
        held = token.toString();
        token.setLength(0);
    }

    @Override
    public void end() {
        release("");
        target.end();
    }

    private void release(String replacement) {
        if (held != null) {
            target.text(suffix.isEmpty() ? held : held.replace(suffix, replacement));
            target.endToken();
            held = null;
        }
    }
}
