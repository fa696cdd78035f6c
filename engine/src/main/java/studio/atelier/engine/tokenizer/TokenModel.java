package studio.atelier.engine.tokenizer;

/** Turns one piece of text into token ids. */
sealed interface TokenModel permits BytePairEncoding, Unigram {
    void encode(String piece, TokenIds out);

    Vocabulary vocabulary();
}
