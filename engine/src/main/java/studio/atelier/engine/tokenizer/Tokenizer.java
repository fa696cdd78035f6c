package studio.atelier.engine.tokenizer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import studio.atelier.engine.EngineException;

/**
 * A model's tokenizer, read from {@code tokenizer.json}: added tokens are cut out first, the rest is normalized, cut
 * into pieces and encoded piece by piece.
 *
 * <p>Immutable and safe to use from several threads. Time and memory grow linearly with the text (n log n for text
 * without any place to cut). Source: the Rust library Hugging Face tokenizers 0.21, which it equals id for id.
 */
public final class Tokenizer {
    private final TokenModel model;
    private final AddedTokens addedTokens;
    private final Normalizer normalizer;
    private final PreTokenizer preTokenizer;
    private final PostProcessor postProcessor;
    private final TokenDecoder decoder;

    Tokenizer(
            TokenModel model,
            List<AddedToken> addedTokens,
            Normalizer normalizer,
            PreTokenizer preTokenizer,
            PostProcessor postProcessor,
            TokenDecoder decoder) {
        this.model = model;
        this.addedTokens = new AddedTokens(addedTokens, model.vocabulary(), normalizer);
        this.normalizer = normalizer;
        this.preTokenizer = preTokenizer;
        this.postProcessor = postProcessor;
        this.decoder = decoder;
    }

    /**
     * Reads {@code tokenizer.json} of a model folder; added tokens that only {@code tokenizer_config.json} names count
     * too.
     *
     * @throws EngineException with reason MODEL_FOLDER_INCOMPLETE when the folder has no tokenizer, TOKENIZER_INVALID
     *     when it is broken or uses something that Atelier does not know; the message names the file and the field
     */
    public static Tokenizer open(Path folder) throws EngineException {
        return TokenizerJson.open(folder);
    }

    /**
     * The ids of a text, without the special tokens that a model wants around it. Special tokens spelled out in the
     * text are recognised, as in a rendered prompt. A surrogate without a partner counts as U+FFFD.
     *
     * @throws IllegalStateException when a regular expression of the tokenizer runs away on this text
     */
    public int[] encode(String text) {
        var ids = new TokenIds();
        for (var segment : addedTokens.splitRaw(CodePoints.withoutLoneSurrogates(text))) {
            if (segment.id() >= 0) {
                ids.add(segment.id());
            } else {
                encodeNormalized(normalizer.apply(segment.text()), segment.opensText(), ids);
            }
        }
        return ids.toArray();
    }

    private void encodeNormalized(String text, boolean opensText, TokenIds ids) {
        for (var segment : addedTokens.splitNormalized(text, opensText)) {
            if (segment.id() >= 0) {
                ids.add(segment.id());
                continue;
            }
            var pieces = new ArrayList<Piece>();
            preTokenizer.split(new Piece(segment.text(), segment.opensText()), pieces);
            for (var piece : pieces) {
                model.encode(piece.text(), ids);
            }
        }
    }

    /** The ids of a text with the special tokens around it that the file's post-processor adds. */
    public int[] encodeWithSpecialTokens(String text) {
        return postProcessor.apply(encode(text));
    }

    /** The text of the ids, special tokens included. Ids without a token are left out. */
    public String decode(int[] ids) {
        return decode(ids, SpecialTokens.KEPT);
    }

    /** The text of the ids. Ids without a token are left out. */
    public String decode(int[] ids, SpecialTokens specialTokens) {
        var run = streamingDecoder(specialTokens);
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(run.accept(id));
        }
        return text.append(run.flush()).toString();
    }

    /** A decoder for one answer that takes its ids one at a time. */
    public StreamingDecoder streamingDecoder(SpecialTokens specialTokens) {
        return new StreamingDecoder(this, decoder, specialTokens);
    }

    /** One more than the highest id; a model may have more rows than that. */
    public int vocabularySize() {
        return addedTokens.idLimit();
    }

    /** The id of the token with exactly this text, as the vocabulary spells it. */
    public OptionalInt idOf(String token) {
        int added = addedTokens.id(token);
        int id = added >= 0 ? added : model.vocabulary().id(token);
        return id >= 0 ? OptionalInt.of(id) : OptionalInt.empty();
    }

    /** The token of an id as the vocabulary spells it; empty when no token has the id. */
    public Optional<String> tokenOf(int id) {
        var added = addedTokens.token(id);
        return Optional.ofNullable(added == null ? model.vocabulary().token(id) : added.content());
    }

    /** Whether the id is a special token, as the one that ends a message; false for ids without a token. */
    public boolean isSpecial(int id) {
        return tokenOf(id).filter(addedTokens::isSpecial).isPresent();
    }
}
