package studio.atelier.engine.tokenizer;

/** Whether special tokens, such as the one that ends a message, show in decoded text. */
public enum SpecialTokens {
    KEPT,
    SKIPPED
}
