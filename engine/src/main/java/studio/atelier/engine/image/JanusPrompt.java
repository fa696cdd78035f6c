package studio.atelier.engine.image;

import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tokenizer.SpecialTokens;
import studio.atelier.engine.tokenizer.StreamingDecoder;
import studio.atelier.engine.tokenizer.Tokenizer;

/** How Janus is spoken to (its {@code deepseek} conversation): special tokens are looked up by their names. */
final class JanusPrompt {
    private static final String LOOKING = "You are a helpful language and vision assistant. You are able to understand"
            + " the visual content that the user provides, and assist the user with a variety of tasks using natural"
            + " language.";

    private final Tokenizer tokenizer;
    private final int begin;
    private final int end;
    private final int pad;
    private final int beginOfImage;
    private final int endOfImage;

    private JanusPrompt(Tokenizer tokenizer, int begin, int end, int pad, int beginOfImage, int endOfImage) {
        this.tokenizer = tokenizer;
        this.begin = begin;
        this.end = end;
        this.pad = pad;
        this.beginOfImage = beginOfImage;
        this.endOfImage = endOfImage;
    }

    static JanusPrompt of(Tokenizer tokenizer) throws EngineException {
        return new JanusPrompt(
                tokenizer,
                id(tokenizer, "<｜begin▁of▁sentence｜>"),
                id(tokenizer, "<｜end▁of▁sentence｜>"),
                id(tokenizer, "<｜▁pad▁｜>"),
                id(tokenizer, "<begin_of_image>"),
                id(tokenizer, "<end_of_image>"));
    }

    private static int id(Tokenizer tokenizer, String name) throws EngineException {
        return tokenizer
                .idOf(name)
                .orElseThrow(() -> new EngineException(
                        Reason.TOKENIZER_INVALID,
                        "tokenizer.json has no token \"" + name + "\", which Janus needs; download the model again."));
    }

    /** What stands in the places of a prompt that is read without its meaning. */
    int pad() {
        return pad;
    }

    /** The token that ends an answer. */
    int end() {
        return end;
    }

    /** Turns the tokens of an answer into text. */
    StreamingDecoder decoder() {
        return tokenizer.streamingDecoder(SpecialTokens.SKIPPED);
    }

    /** The tokens before the first code of a picture. */
    int[] drawing(String prompt) {
        return joined(new int[] {begin}, text("<|User|>: " + prompt.strip() + "\n\n<|Assistant|>:"), beginOfImage);
    }

    /** The tokens before a picture that is asked about. */
    int[] beforePicture() {
        return joined(new int[] {begin}, text(LOOKING + "\n\n<|User|>: "), beginOfImage);
    }

    /** The tokens behind it. */
    int[] afterPicture(String question) {
        int[] text = text("\n" + question.strip() + "\n\n<|Assistant|>:");
        int[] tokens = new int[text.length + 1];
        tokens[0] = endOfImage;
        System.arraycopy(text, 0, tokens, 1, text.length);
        return tokens;
    }

    private int[] text(String text) {
        return tokenizer.encode(text);
    }

    private static int[] joined(int[] first, int[] text, int last) {
        int[] tokens = new int[first.length + text.length + 1];
        System.arraycopy(first, 0, tokens, 0, first.length);
        System.arraycopy(text, 0, tokens, first.length, text.length);
        tokens[tokens.length - 1] = last;
        return tokens;
    }
}
