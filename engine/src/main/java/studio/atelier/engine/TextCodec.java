package studio.atelier.engine;

import java.nio.file.Path;
import studio.atelier.engine.tokenizer.SpecialTokens;
import studio.atelier.engine.tokenizer.Tokenizer;

/** A model's tokenizer without the model: for comparing engines. Immutable and safe to use from several threads. */
public final class TextCodec {
    private final Tokenizer tokenizer;

    private TextCodec(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Reads {@code tokenizer.json} of a model folder. */
    public static TextCodec open(Path folder) throws EngineException {
        return new TextCodec(Tokenizer.open(folder));
    }

    /** The ids of a text; special tokens spelled in it are recognised, none is added. */
    public int[] encode(String text) {
        return tokenizer.encode(text);
    }

    /** The ids of a text with the special tokens that the post-processor puts around it. */
    public int[] encodeWithSpecialTokens(String text) {
        return tokenizer.encodeWithSpecialTokens(text);
    }

    /** The text of ids, special tokens included. */
    public String decode(int[] ids) {
        return tokenizer.decode(ids, SpecialTokens.KEPT);
    }
}
