package studio.atelier.engine.image;

import java.util.Arrays;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tokenizer.Tokenizer;

/**
 * A prompt as FLUX.2 klein's text encoder reads it: Qwen3's template for one message, thinking switched off, then padding.
 *
 * @param tokens the prompt, then padding
 * @param real how many of them are the prompt
 */
record FluxPrompt(int[] tokens, int real) {
    /** Rows of text that the transformer was trained with. */
    static final int ROWS = 512;

    private static final String PADDING = "<|endoftext|>";

    static FluxPrompt of(String prompt, Tokenizer tokenizer) throws EngineException {
        int padding = tokenizer
                .idOf(PADDING)
                .orElseThrow(() -> new EngineException(
                        Reason.TOKENIZER_INVALID,
                        "tokenizer.json has no token \"" + PADDING
                                + "\", which FLUX.2 needs; download the model again."));
        int[] text = tokenizer.encode(
                "<|im_start|>user\n" + prompt + "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
        int real = Math.min(text.length, ROWS);
        int[] tokens = Arrays.copyOf(text, ROWS);
        Arrays.fill(tokens, real, ROWS, padding);
        return new FluxPrompt(tokens, real);
    }
}
