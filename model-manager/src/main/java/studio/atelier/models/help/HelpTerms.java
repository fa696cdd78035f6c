package studio.atelier.models.help;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.assets.Assets;

/**
 * Breaks a text into the terms that are compared: words with their endings and synonyms evened out, and for Chinese the
 * words of the synonym table and pairs of neighbouring characters. Neighbours as they stand count a little too.
 */
final class HelpTerms {
    /** Function words say little, but "who are you" has nothing else. */
    private static final double FUNCTION_WEIGHT = 0.3;

    private static final double SINGLE_CHARACTER_WEIGHT = 0.25;

    /** "too long" is more than "too" and "long". */
    private static final double NEIGHBOURS_WEIGHT = 0.25;

    private static final String BETWEEN_NEIGHBOURS = "_";
    /** "16 GB", "16gb", "16 gigs", "16个G": how much memory is asked about is one term. */
    private static final Pattern GIGABYTES =
            Pattern.compile("(?<![\\p{L}\\p{N}.])(\\d{1,4})\\s*(?:个\\s*)?(?:gib|gb|gigabytes?|gigs?|g)(?![a-z0-9])");

    private static final Pattern RUN = Pattern.compile("(?<han>\\p{IsHan}+)|(?<word>[\\p{L}\\p{N}]+(?:['’][a-z]+)?)");

    private final Map<String, String> synonyms = new HashMap<>();
    private final Set<String> functionWords;
    private final int longestHan;

    private HelpTerms(String synonymLines, String functionWords) {
        this.functionWords = Set.copyOf(List.of(functionWords.strip().split("\\s+")));
        int longest = 2;
        for (String line : synonymLines.lines().toList()) {
            String[] words = line.strip().split("\\s+");
            for (String word : words) {
                if (!word.isEmpty() && !word.startsWith("#")) {
                    boolean han = HelpLanguage.isHan(word.codePointAt(0));
                    synonyms.putIfAbsent(han ? word : stem(word), han ? words[0] : stem(words[0]));
                    longest = han ? Math.max(longest, word.length()) : longest;
                }
            }
        }
        longestHan = longest;
    }

    /**
     * The rules of a language, from {@code help/LANGUAGE/synonyms.txt} (a group per line, its first word stands for all)
     * and {@code function-words.txt}.
     */
    static HelpTerms of(HelpLanguage language) throws IOException {
        String folder = "help/" + language.folder() + "/";
        return new HelpTerms(Assets.text(folder + "synonyms.txt"), Assets.text(folder + "function-words.txt"));
    }

    /** Each different term of a text with its weight, before its rarity is counted in. */
    Map<String, Double> of(String text) {
        Map<String, Double> terms = new LinkedHashMap<>();
        String even = GIGABYTES.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" $1gb ");
        Matcher run = RUN.matcher(even);
        String before = "";
        while (run.find()) {
            if (run.group("han") != null) {
                addHan(run.group("han"), terms);
                addNeighbours(run.group("han"), terms);
                before = "";
            } else {
                addWord(run.group("word"), terms);
                if (!before.isEmpty()) {
                    terms.put(before + BETWEEN_NEIGHBOURS + run.group("word"), NEIGHBOURS_WEIGHT);
                }
                before = run.group("word");
            }
        }
        return terms;
    }

    private static void addNeighbours(String run, Map<String, Double> terms) {
        for (int i = 0; i + 1 < run.length(); i++) {
            terms.put(run.charAt(i) + BETWEEN_NEIGHBOURS + run.charAt(i + 1), NEIGHBOURS_WEIGHT);
        }
    }

    /** Whether a term stands for two neighbours; new pairs say nothing about how familiar a question is. */
    static boolean isPair(String term) {
        return term.contains(BETWEEN_NEIGHBOURS);
    }

    private void addWord(String word, Map<String, Double> terms) {
        boolean function = functionWords.contains(word);
        String plain = word.replaceAll("['’].*", "");
        String term = function ? word : canonical(stem(plain));
        terms.merge(term, function ? FUNCTION_WEIGHT : 1.0, Math::max);
    }

    private String canonical(String stem) {
        return synonyms.getOrDefault(stem, stem);
    }

    /** Known words first, the longest at each place; what lies between them becomes pairs of characters. */
    private void addHan(String run, Map<String, Double> terms) {
        List<String> pieces = new ArrayList<>();
        StringBuilder unknown = new StringBuilder();
        for (int at = 0; at < run.length(); ) {
            String word = longestKnown(run, at);
            if (word.isEmpty()) {
                unknown.append(run.charAt(at++));
            } else {
                flush(unknown, pieces);
                pieces.add(word);
                at += word.length();
            }
        }
        flush(unknown, pieces);
        for (String piece : pieces) {
            if (functionWords.contains(piece)) {
                terms.merge(piece, FUNCTION_WEIGHT, Math::max);
            } else if (synonyms.containsKey(piece)) {
                terms.merge(synonyms.get(piece), 1.0, Math::max);
            } else {
                addPairs(piece, terms);
            }
        }
    }

    private String longestKnown(String run, int at) {
        for (int length = Math.min(longestHan, run.length() - at); length > 0; length--) {
            String word = run.substring(at, at + length);
            if (synonyms.containsKey(word) || functionWords.contains(word)) {
                return word;
            }
        }
        return "";
    }

    private static void addPairs(String piece, Map<String, Double> terms) {
        for (int i = 0; i + 1 < piece.length(); i++) {
            terms.merge(piece.substring(i, i + 2), 1.0, Math::max);
        }
        for (int i = 0; i < piece.length(); i++) {
            terms.merge(piece.substring(i, i + 1), piece.length() == 1 ? 0.6 : SINGLE_CHARACTER_WEIGHT, Math::max);
        }
    }

    private static void flush(StringBuilder unknown, List<String> pieces) {
        if (!unknown.isEmpty()) {
            pieces.add(unknown.toString());
            unknown.setLength(0);
        }
    }

    /** Takes the endings of plurals and verb forms off: models, loading and loaded become model and load. */
    static String stem(String word) {
        String w = word;
        if (w.length() > 3 && w.endsWith("ies")) {
            w = w.substring(0, w.length() - 3) + "y";
        } else if (w.length() > 4
                && (w.endsWith("sses") || w.endsWith("xes") || w.endsWith("ches") || w.endsWith("shes"))) {
            w = w.substring(0, w.length() - 2);
        } else if (w.length() > 3 && w.endsWith("s") && !w.endsWith("ss") && !w.endsWith("us") && !w.endsWith("is")) {
            w = w.substring(0, w.length() - 1);
        }
        if (w.length() > 5 && w.endsWith("ing")) {
            w = undoubled(w.substring(0, w.length() - 3));
        } else if (w.length() > 4 && w.endsWith("ed")) {
            w = undoubled(w.substring(0, w.length() - 2));
        } else if (w.length() > 5 && w.endsWith("ly")) {
            w = w.substring(0, w.length() - 2);
        }
        return w.length() > 3 && w.endsWith("e") ? w.substring(0, w.length() - 1) : w;
    }

    private static String undoubled(String w) {
        int n = w.length();
        boolean doubled = n > 3 && w.charAt(n - 1) == w.charAt(n - 2) && "bdgmnprt".indexOf(w.charAt(n - 1)) >= 0;
        return doubled ? w.substring(0, n - 1) : w;
    }
}
