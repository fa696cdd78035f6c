package studio.atelier.engine.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The added tokens of a tokenizer: finds them in a text, leftmost first and longest first. */
final class AddedTokens {
    /** A stretch of text that is one added token, or text between them when {@code id} is -1. */
    record Segment(String text, int id, boolean opensText) {}

    private final Map<Integer, AddedToken> byId = new HashMap<>();
    private final Map<String, Integer> idOfContent = new HashMap<>();
    private final Set<String> specialContents = new HashSet<>();
    private final TokenTrie inRawText = new TokenTrie();
    private final TokenTrie inNormalizedText = new TokenTrie();
    private final int idLimit;

    /** Later entries for the same content replace earlier ones; an id the model uses for it wins over the file's. */
    AddedTokens(List<AddedToken> tokens, Vocabulary vocabulary, Normalizer normalizer) {
        int limit = vocabulary.size();
        for (var token : tokens) {
            if (token.content().isEmpty()) {
                continue;
            }
            var resolved = token.withId(resolve(token, vocabulary, limit));
            limit = Math.max(limit, resolved.id() + 1);
            byId.put(resolved.id(), resolved);
            idOfContent.put(resolved.content(), resolved.id());
            if (resolved.special()) {
                specialContents.add(resolved.content());
            }
        }
        idLimit = limit;
        for (var token : byId.values()) {
            String pattern = token.normalized() ? normalizer.apply(token.content()) : token.content();
            if (!pattern.isEmpty()) {
                (token.normalized() ? inNormalizedText : inRawText).add(pattern, token.id());
            }
        }
    }

    private int resolve(AddedToken token, Vocabulary vocabulary, int limit) {
        Integer known = idOfContent.get(token.content());
        if (known != null) {
            return known;
        }
        int inModel = vocabulary.id(token.content());
        if (inModel >= 0) {
            return inModel;
        }
        boolean taken = byId.containsKey(token.id()) || vocabulary.token(token.id()) != null;
        return taken ? limit : token.id();
    }

    /** One more than the highest id of the model and the added tokens. */
    int idLimit() {
        return idLimit;
    }

    /** The id of the added token with this content, or -1. */
    int id(String content) {
        Integer id = idOfContent.get(content);
        return id == null ? -1 : id;
    }

    @Nullable
    AddedToken token(int id) {
        return byId.get(id);
    }

    boolean isSpecial(String content) {
        return specialContents.contains(content);
    }

    /** Cuts at the tokens that are looked for in the text as it came. */
    List<Segment> splitRaw(String text) {
        return split(text, inRawText, true);
    }

    /** Cuts a normalized segment at the tokens that are looked for in normalized text. */
    List<Segment> splitNormalized(String text, boolean opensText) {
        return split(text, inNormalizedText, opensText);
    }

    private List<Segment> split(String text, TokenTrie trie, boolean opensText) {
        var segments = new ArrayList<Segment>();
        int textStart = 0;
        for (int at = 0; at < text.length(); ) {
            int length = longestMatch(text, at, trie);
            if (length == 0) {
                at++;
                continue;
            }
            int id = tokenAt(text, at, length, trie);
            int end = at + length;
            var token = byId.get(id);
            if (token != null && !(token.singleWord() && touchesWord(text, at, end))) {
                int start = token.stripsLeft() ? Math.max(textStart, spaceStart(text, at)) : at;
                int stop = token.stripsRight() ? spaceEnd(text, end) : end;
                addText(text, textStart, start, opensText, segments);
                if (start < stop) {
                    segments.add(new Segment(text.substring(start, stop), id, opensText && start == 0));
                }
                textStart = stop;
            }
            // White space that a token swallowed can still be a token itself, as in the reference.
            at = end;
        }
        addText(text, textStart, text.length(), opensText, segments);
        return segments;
    }

    private static void addText(String text, int start, int end, boolean opensText, List<Segment> segments) {
        if (start < end) {
            segments.add(new Segment(text.substring(start, end), -1, opensText && start == 0));
        }
    }

    private static int longestMatch(String text, int start, TokenTrie trie) {
        int node = TokenTrie.ROOT;
        int longest = 0;
        for (int end = start; end < text.length(); ) {
            node = trie.step(node, text.charAt(end++));
            if (node < 0) {
                break;
            }
            if (trie.tokenAt(node) >= 0) {
                longest = end - start;
            }
        }
        return longest;
    }

    private static int tokenAt(String text, int start, int length, TokenTrie trie) {
        int node = TokenTrie.ROOT;
        for (int i = 0; i < length; i++) {
            node = trie.step(node, text.charAt(start + i));
        }
        return trie.tokenAt(node);
    }

    private static boolean touchesWord(String text, int start, int end) {
        return (start > 0 && CodePoints.isWord(text.codePointBefore(start)))
                || (end < text.length() && CodePoints.isWord(text.codePointAt(end)));
    }

    // Every white space character is one UTF-16 unit.
    private static int spaceStart(String text, int end) {
        int start = end;
        while (start > 0 && CodePoints.isWhiteSpace(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private static int spaceEnd(String text, int start) {
        int end = start;
        while (end < text.length() && CodePoints.isWhiteSpace(text.charAt(end))) {
            end++;
        }
        return end;
    }
}
