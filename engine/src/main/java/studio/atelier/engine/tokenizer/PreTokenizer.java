package studio.atelier.engine.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import studio.atelier.engine.EngineException;

/**
 * Cuts normalized text into the pieces that the model encodes one by one. Source: the pre-tokenizers of Hugging Face
 * tokenizers, whose names and fields {@code tokenizer.json} uses.
 */
sealed interface PreTokenizer {
    /** GPT-2's expression, which ByteLevel uses unless told not to. */
    String GPT2_WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** What Whitespace keeps; its {@code \w} is Unicode's, joiners included. */
    Pattern WORDS_AND_SIGNS = Pattern.compile("\\w+|[^\\w\\s]+", Pattern.UNICODE_CHARACTER_CLASS);

    /** Adds the parts of one piece to {@code parts}. */
    void split(Piece piece, List<Piece> parts);

    static PreTokenizer read(JsonSection section) throws EngineException {
        return switch (section.text("type")) {
            case "Sequence" -> {
                var steps = new ArrayList<PreTokenizer>();
                for (var step : section.elements("pretokenizers")) {
                    steps.add(read(step));
                }
                yield new InTurn(List.copyOf(steps));
            }
            case "Split" -> {
                var pattern = SplitPattern.read(section.required("pattern"));
                yield new Split(
                        section.flag("invert", false) ? new SplitPattern.Inverted(pattern) : pattern,
                        SplitBehavior.read(section.required("behavior")));
            }
            case "ByteLevel" ->
                new ByteLevel(
                        section.flag("add_prefix_space", true),
                        section.flag("use_regex", true)
                                ? new Split(
                                        new SplitPattern.Regex(RegexTranslation.compile(GPT2_WORDS)),
                                        SplitBehavior.ISOLATED)
                                : new InTurn(List.of()));
            case "Metaspace" -> Metaspace.read(section);
            case "Digits" ->
                new Split(
                        new SplitPattern.OneOf(CodePoints::isNumeric),
                        section.flag("individual_digits", false) ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS);
            case "Punctuation" -> {
                var behavior = section.optional("behavior");
                yield new Split(
                        new SplitPattern.OneOf(CodePoints::isPunctuation),
                        behavior.isPresent() ? SplitBehavior.read(behavior.get()) : SplitBehavior.ISOLATED);
            }
            case "Whitespace" ->
                new Split(new SplitPattern.Inverted(new SplitPattern.Regex(WORDS_AND_SIGNS)), SplitBehavior.REMOVED);
            case "WhitespaceSplit" ->
                new Split(new SplitPattern.OneOf(CodePoints::isWhiteSpace), SplitBehavior.REMOVED);
            case "BertPreTokenizer" ->
                new InTurn(List.of(
                        new Split(new SplitPattern.OneOf(CodePoints::isWhiteSpace), SplitBehavior.REMOVED),
                        new Split(new SplitPattern.OneOf(CodePoints::isPunctuation), SplitBehavior.ISOLATED)));
            case "CharDelimiterSplit" ->
                new Split(
                        new SplitPattern.Literal(Character.toString(section.character("delimiter"))),
                        SplitBehavior.REMOVED);
            case "FixedLength" -> {
                var length = section.optional("length");
                yield new FixedLength(
                        length.isPresent() ? Math.max(1, length.get().number(1 << 20)) : 5);
            }
            case String other -> throw section.broken("is a pre-tokenizer that Atelier does not know: " + other);
        };
    }

    /** Several, each working on the parts of the one before. */
    record InTurn(List<PreTokenizer> steps) implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> parts) {
            var pieces = List.of(piece);
            for (var step : steps) {
                var next = new ArrayList<Piece>(pieces.size());
                long characters = 0;
                for (var each : pieces) {
                    int before = next.size();
                    step.split(each, next);
                    for (int i = before; i < next.size(); i++) {
                        characters += next.get(i).text().length();
                    }
                    TextLimit.check(characters);
                }
                pieces = next;
            }
            parts.addAll(pieces);
        }
    }

    /** Cuts at a pattern. */
    record Split(SplitPattern pattern, SplitBehavior behavior) implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> parts) {
            behavior.split(piece, pattern, parts);
        }
    }

    /** Cuts into words, then writes each word's UTF-8 bytes in the {@link ByteLevelAlphabet}. */
    record ByteLevel(boolean addsPrefixSpace, PreTokenizer words) implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> parts) {
            boolean prefixed = addsPrefixSpace && !piece.text().startsWith(" ");
            var found = new ArrayList<Piece>();
            words.split(prefixed ? piece.withText(" " + piece.text()) : piece, found);
            for (var word : found) {
                parts.add(word.withText(ByteLevelAlphabet.encode(word.text())));
            }
        }
    }

    /** Where a Metaspace puts its sign although the text has no space there. */
    enum PrependScheme {
        ALWAYS,
        FIRST,
        NEVER
    }

    /** SentencePiece's way: spaces become a visible sign, usually ▁, and a word begins with its sign. */
    record Metaspace(int sign, PrependScheme scheme, boolean splitsWords) implements PreTokenizer {
        static Metaspace read(JsonSection section) throws EngineException {
            return new Metaspace(section.character("replacement"), scheme(section), section.flag("split", true));
        }

        /** The scheme; older files say {@code add_prefix_space} instead. */
        static PrependScheme scheme(JsonSection section) throws EngineException {
            var scheme = section.optional("prepend_scheme");
            if (scheme.isEmpty()) {
                return section.flag("add_prefix_space", true) ? PrependScheme.ALWAYS : PrependScheme.NEVER;
            }
            return switch (scheme.get().text()) {
                case "always" -> PrependScheme.ALWAYS;
                case "first" -> PrependScheme.FIRST;
                case "never" -> PrependScheme.NEVER;
                case String other -> throw scheme.get().broken("names an unknown scheme \"" + other + "\"");
            };
        }

        @Override
        public void split(Piece piece, List<Piece> parts) {
            String signText = Character.toString(sign);
            String text = piece.text().replace(" ", signText);
            boolean prepends =
                    switch (scheme) {
                        case ALWAYS -> true;
                        case FIRST -> piece.opensText();
                        case NEVER -> false;
                    };
            var changed = piece.withText(prepends && !text.startsWith(signText) ? signText + text : text);
            if (splitsWords) {
                SplitBehavior.MERGED_WITH_NEXT.split(changed, new SplitPattern.Literal(signText), parts);
            } else {
                parts.add(changed);
            }
        }
    }

    /** Cuts after every so many code points. */
    record FixedLength(int length) implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> parts) {
            String text = piece.text();
            for (int start = 0; start < text.length(); ) {
                int end = text.codePointCount(start, text.length()) <= length
                        ? text.length()
                        : text.offsetByCodePoints(start, length);
                parts.add(piece.part(start, end));
                start = end;
            }
        }
    }
}
