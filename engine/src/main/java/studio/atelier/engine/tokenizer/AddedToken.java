package studio.atelier.engine.tokenizer;

import studio.atelier.engine.EngineException;

/**
 * A token that is found in the text before anything else happens to it.
 *
 * @param special left out when a text is decoded without special tokens
 * @param singleWord counts only where no word character touches it
 * @param stripsLeft swallows white space before it
 * @param stripsRight swallows white space after it
 * @param normalized is looked for in the normalized text, itself normalized
 */
record AddedToken(
        int id,
        String content,
        boolean special,
        boolean singleWord,
        boolean stripsLeft,
        boolean stripsRight,
        boolean normalized) {

    static AddedToken read(JsonSection section, int id) throws EngineException {
        boolean special = section.flag("special", false);
        return new AddedToken(
                id,
                section.required("content").text(Vocabulary.MAX_LENGTH),
                special,
                section.flag("single_word", false),
                section.flag("lstrip", false),
                section.flag("rstrip", false),
                section.flag("normalized", !special));
    }

    AddedToken withId(int other) {
        return new AddedToken(other, content, special, singleWord, stripsLeft, stripsRight, normalized);
    }
}
