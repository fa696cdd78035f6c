package studio.atelier.engine.tokenizer;

/**
 * Turns the ids of an answer into text while they come. What is returned never changes later: unfinished characters
 * are held back. All the returned pieces joined are exactly what {@link Tokenizer#decode} makes of the same ids.
 *
 * <p>Belongs to one answer and one thread. Made by {@link Tokenizer#streamingDecoder}.
 */
public final class StreamingDecoder {
    private final Tokenizer tokenizer;
    private final SpecialTokens specialTokens;
    private final StringBuilder certain = new StringBuilder();
    private final TextSink run;
    private boolean flushed;

    StreamingDecoder(Tokenizer tokenizer, TokenDecoder decoder, SpecialTokens specialTokens) {
        this.tokenizer = tokenizer;
        this.specialTokens = specialTokens;
        this.run = decoder.into(new TextSink.Collected(certain));
    }

    /**
     * Takes the next id and returns the text that is certain now and was not returned before, often empty. An id
     * without a token adds nothing.
     */
    public String accept(int id) {
        if (flushed) {
            throw new IllegalStateException("accept: the decoder was flushed; make a new one for the next answer");
        }
        if (specialTokens == SpecialTokens.KEPT || !tokenizer.isSpecial(id)) {
            tokenizer.tokenOf(id).ifPresent(token -> {
                run.text(token);
                run.endToken();
            });
        }
        return taken();
    }

    /** Says that no id follows and returns the rest; a character that never became complete is U+FFFD. */
    public String flush() {
        if (!flushed) {
            flushed = true;
            run.end();
        }
        return taken();
    }

    private String taken() {
        String text = certain.toString();
        certain.setLength(0);
        return text;
    }
}
