package studio.atelier.engine.tokenizer;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;

/**
 * Makes text of tokens. A decoder is a recipe; {@link #into} opens one run of it, which takes tokens as they come and
 * passes on what is certain, so that decoding at once and decoding token by token are the same code.
 *
 * <p>Source: the decoders of Hugging Face tokenizers, whose names and fields {@code tokenizer.json} uses.
 */
@FunctionalInterface
interface TokenDecoder {

    /** Opens a run that writes to {@code target}. */
    TextSink into(TextSink target);

    /** What is done when the file names no decoder: tokens separated by spaces. */
    static TokenDecoder spaced() {
        return SpacedDecoding::new;
    }

    static TokenDecoder read(JsonSection section) throws EngineException {
        return switch (section.text("type")) {
            case "Sequence" -> {
                var steps = new ArrayList<TokenDecoder>();
                for (var step : section.elements("decoders")) {
                    steps.add(read(step));
                }
                yield inTurn(List.copyOf(steps));
            }
            case "ByteLevel" -> ByteLevelDecoding::new;
            case "ByteFallback" -> ByteFallbackDecoding::new;
            case "Fuse" -> FusedDecoding::new;
            case "Strip" -> {
                String content = Character.toString(section.character("content"));
                int start = section.required("start").number(1 << 20);
                int stop = section.required("stop").number(1 << 20);
                yield target -> new StrippedDecoding(target, content, start, stop);
            }
            case "Replace" -> {
                var pattern = SplitPattern.read(section.required("pattern"));
                String content = section.text("content");
                yield target -> new ReplacedDecoding(target, pattern, content);
            }
            case "Metaspace" -> {
                String sign = Character.toString(section.character("replacement"));
                boolean dropsFirst = PreTokenizer.Metaspace.scheme(section) != PreTokenizer.PrependScheme.NEVER;
                yield target -> new MetaspaceDecoding(target, sign, dropsFirst);
            }
            case "BPEDecoder" -> {
                String suffix = section.textOrEmpty("suffix");
                yield target -> new SuffixDecoding(target, suffix);
            }
            case String other -> throw section.broken("is a decoder that Atelier does not know: " + other);
        };
    }

    /** Several, one after the other. */
    static TokenDecoder inTurn(List<TokenDecoder> steps) {
        return target -> {
            TextSink first = target;
            for (var step : steps.reversed()) {
                first = step.into(first);
            }
            return first;
        };
    }
}
