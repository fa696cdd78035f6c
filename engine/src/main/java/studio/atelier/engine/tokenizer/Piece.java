package studio.atelier.engine.tokenizer;

/**
 * A part of the text on its way to the model.
 *
 * @param opensText whether it begins where the whole text begins; Metaspace's scheme "first" asks for it
 */
record Piece(String text, boolean opensText) {
    Piece withText(String changed) {
        return new Piece(changed, opensText);
    }

    Piece part(int start, int end) {
        return new Piece(text.substring(start, end), opensText && start == 0);
    }
}
