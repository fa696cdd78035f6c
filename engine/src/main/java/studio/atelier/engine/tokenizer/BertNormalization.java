package studio.atelier.engine.tokenizer;

import java.text.Normalizer.Form;
import studio.atelier.engine.EngineException;

/** BERT's text cleaning: no control characters, one kind of space, Chinese characters set apart, plain lower case. */
record BertNormalization(boolean cleans, boolean setsChineseApart, boolean stripsAccents, boolean lowercases)
        implements Normalizer {

    static BertNormalization read(JsonSection section) throws EngineException {
        boolean lowercases = section.flag("lowercase", true);
        return new BertNormalization(
                section.flag("clean_text", true),
                section.flag("handle_chinese_chars", true),
                section.flag("strip_accents", lowercases),
                lowercases);
    }

    @Override
    public String apply(String text) {
        String result = cleans ? clean(text) : text;
        if (setsChineseApart) {
            result = setChineseApart(result);
        }
        if (stripsAccents) {
            result = Normalizer.filter(
                    Normalizer.unicode(Form.NFD).apply(result),
                    c -> Character.getType(c) == Character.NON_SPACING_MARK);
        }
        return lowercases ? Normalizer.lowercase(result) : result;
    }

    private static String clean(String text) {
        String kept = Normalizer.filter(
                text, c -> c == 0 || c == 0xFFFD || (CodePoints.isOther(c) && c != '\t' && c != '\n' && c != '\r'));
        var result = new StringBuilder(kept.length());
        kept.codePoints().map(c -> CodePoints.isWhiteSpace(c) ? ' ' : c).forEach(result::appendCodePoint);
        return result.toString();
    }

    private static String setChineseApart(String text) {
        var result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isChinese(c)) {
                result.append(' ').appendCodePoint(c).append(' ');
            } else {
                result.appendCodePoint(c);
            }
        });
        return result.toString();
    }

    private static boolean isChinese(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2B81F)
                || (c >= 0x2B920 && c <= 0x2CEAF)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }
}
