package studio.atelier.engine.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The model's tokens and their ids. Ids may leave gaps. */
final class Vocabulary {
    /** Ids above this are refused: no model has an embedding of that many rows. */
    static final int MAX_ID = (1 << 24) - 1;

    /** Tokens that are looked for from every place of a text may be this long. */
    static final int MAX_LENGTH = 1 << 12;

    private final Map<String, Integer> idOfToken;
    private final @Nullable String[] tokenOfId;

    private Vocabulary(Map<String, Integer> idOfToken, @Nullable String[] tokenOfId) {
        this.idOfToken = idOfToken;
        this.tokenOfId = tokenOfId;
    }

    /** Takes the map over; its ids lie between 0 and {@link #MAX_ID}. */
    static Vocabulary of(Map<String, Integer> idOfToken) {
        int highest = -1;
        for (int id : idOfToken.values()) {
            highest = Math.max(highest, id);
        }
        var tokenOfId = new @Nullable String[highest + 1];
        idOfToken.forEach((token, id) -> tokenOfId[id] = token);
        return new Vocabulary(idOfToken, tokenOfId);
    }

    /** A token's id is its place in the list; of equal ones the last counts. */
    static Vocabulary of(List<String> tokens) {
        var idOfToken = new HashMap<String, Integer>();
        for (int id = 0; id < tokens.size(); id++) {
            idOfToken.put(tokens.get(id), id);
        }
        return new Vocabulary(idOfToken, tokens.toArray(new @Nullable String[0]));
    }

    /** The token's id, or -1. */
    int id(String token) {
        Integer id = idOfToken.get(token);
        return id == null ? -1 : id;
    }

    /** The id's token, or null for a gap. */
    @Nullable
    String token(int id) {
        return id >= 0 && id < tokenOfId.length ? tokenOfId[id] : null;
    }

    /** One more than the highest id. */
    int size() {
        return tokenOfId.length;
    }

    /** The number of tokens. */
    int count() {
        return idOfToken.size();
    }

    /** The ids of {@code <0x00>} to {@code <0xFF>}, -1 where there is none. */
    int[] byteTokenIds() {
        int[] ids = new int[256];
        Arrays.setAll(ids, b -> id(String.format("<0x%02X>", b)));
        return ids;
    }

    /** Adds the byte tokens that spell the text, if there is one for every byte. */
    static boolean addBytes(String text, int[] byteTokenIds, TokenIds out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (byte b : bytes) {
            if (byteTokenIds[b & 0xFF] < 0) {
                return false;
            }
        }
        for (byte b : bytes) {
            out.add(byteTokenIds[b & 0xFF]);
        }
        return true;
    }
}
