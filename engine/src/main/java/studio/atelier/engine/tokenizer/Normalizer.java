package studio.atelier.engine.tokenizer;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import studio.atelier.engine.EngineException;

/**
 * Rewrites text before it is cut into pieces. Source: the normalizers of Hugging Face tokenizers, whose names and
 * fields {@code tokenizer.json} uses.
 */
@FunctionalInterface
interface Normalizer extends UnaryOperator<String> {

    static Normalizer read(JsonSection section) throws EngineException {
        return switch (section.text("type")) {
            case "Sequence" -> {
                var steps = new ArrayList<Normalizer>();
                for (var step : section.elements("normalizers")) {
                    steps.add(read(step));
                }
                yield inTurn(List.copyOf(steps));
            }
            case "NFC" -> unicode(Form.NFC);
            case "NFD" -> unicode(Form.NFD);
            case "NFKC" -> unicode(Form.NFKC);
            case "NFKD" -> unicode(Form.NFKD);
            case "Replace" -> {
                var pattern = SplitPattern.read(section.required("pattern"));
                String content = section.text("content");
                yield text -> pattern.replaceAll(text, content);
            }
            case "Prepend" -> {
                String prefix = section.text("prepend");
                yield text -> text.isEmpty() ? text : prefix + text;
            }
            case "Lowercase" -> Normalizer::lowercase;
            case "Strip" -> strip(section.flag("strip_left", true), section.flag("strip_right", true));
            case "StripAccents" -> text -> filter(text, CodePoints::isMark);
            case "ByteLevel" -> ByteLevelAlphabet::encode;
            case "Nmt" -> Normalizer::nmt;
            case "BertNormalizer", "Bert" -> BertNormalization.read(section);
            case String other -> throw section.broken("is a normalizer that Atelier does not know: " + other);
        };
    }

    /** Several, one after the other. */
    static Normalizer inTurn(List<Normalizer> steps) {
        return text -> {
            String result = text;
            for (var step : steps) {
                result = step.apply(result);
                TextLimit.check(result.length());
            }
            return result;
        };
    }

    static Normalizer unicode(Form form) {
        return text -> java.text.Normalizer.normalize(text, form);
    }

    private static Normalizer strip(boolean left, boolean right) {
        return text -> {
            int start = 0;
            int end = text.length();
            while (left && start < end && CodePoints.isWhiteSpace(text.charAt(start))) {
                start++;
            }
            while (right && end > start && CodePoints.isWhiteSpace(text.charAt(end - 1))) {
                end--;
            }
            return text.substring(start, end);
        };
    }

    /** Each character by itself: a sigma at the end of a word becomes σ, not ς. */
    static String lowercase(String text) {
        var result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            // The one character whose lower case is two.
            if (c == 0x130) {
                result.append("i\u0307");
            } else {
                result.appendCodePoint(Character.toLowerCase(c));
            }
        });
        return result.toString();
    }

    /** The text without the characters of a kind. */
    static String filter(String text, java.util.function.IntPredicate removed) {
        var result = new StringBuilder(text.length());
        text.codePoints().filter(removed.negate()).forEach(result::appendCodePoint);
        return result.toString();
    }

    /** SentencePiece's "nmt" rules: control characters go, other kinds of space become a space. */
    private static String nmt(String text) {
        String kept = filter(
                text,
                c -> (c >= 0x01 && c <= 0x08)
                        || c == 0x0B
                        || (c >= 0x0E && c <= 0x1F)
                        || c == 0x7F
                        || c == 0x8F
                        || c == 0x9F);
        var result = new StringBuilder(kept.length());
        kept.codePoints()
                .map(c -> switch (c) {
                    case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> ' ';
                    case 0x200B, 0x200C, 0x200D, 0x200E, 0x200F -> ' ';
                    default -> c;
                })
                .forEach(result::appendCodePoint);
        return result.toString();
    }
}
