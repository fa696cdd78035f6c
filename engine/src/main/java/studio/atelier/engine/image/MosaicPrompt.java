package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a text means to the starter model. The longest phrase at a place wins; what is neither a phrase nor a colour nor
 * a text to be written is unknown and is named, never guessed at.
 *
 * @param words tokens, with {@code #rrggbb} for colours
 * @param unknown what wasn't understood
 */
record MosaicPrompt(List<String> words, List<String> unknown) {
    private static final Pattern QUOTED =
            Pattern.compile("[\"“”「『]([^\"“”「」『』]{1,40})[\"“”」』]|'([A-Za-z0-9]{1,40})'(?![A-Za-z])");
    private static final Pattern HEX = Pattern.compile("#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9a-zA-Z])");
    private static final Pattern BARE = Pattern.compile("[A-Za-z0-9!?&+-]+");
    private static final Pattern UNKNOWN = Pattern.compile("[A-Za-z0-9À-ɏ]+|.", Pattern.DOTALL);
    private static final Set<String> VERBS = Set.of("make", "remove", "add", "replace", "change", "colour");
    private static final Set<String> OWN_MEANING = Set.of(
            "background",
            "word",
            "all",
            "sketch",
            "grid",
            "row",
            "column",
            "around",
            "scatter",
            "colour",
            "none",
            "outline",
            "filled");

    MosaicPrompt {
        words = List.copyOf(words);
        unknown = List.copyOf(unknown);
    }

    static MosaicPrompt read(String text, MosaicLexicon lexicon) {
        return new Reader(text, lexicon).read();
    }

    /** Whether something is asked of a picture that is there. */
    boolean changes() {
        return words.stream().anyMatch(VERBS::contains);
    }

    /** The changes that are asked for, one after the other; a verb holds until the next one. */
    List<List<String>> instructions(MosaicLexicon lexicon) {
        List<List<String>> all = new ArrayList<>();
        String verb = "";
        for (List<String> part : parts()) {
            boolean own = part.stream().anyMatch(VERBS::contains);
            boolean thing = part.stream().anyMatch(lexicon.shapes()::contains);
            if (!own && !thing && !all.isEmpty() && part.stream().noneMatch(OWN_MEANING::contains)) {
                all.getLast().addAll(part);
                continue;
            }
            List<String> instruction = new ArrayList<>(part);
            if (own) {
                verb = part.stream().filter(VERBS::contains).findFirst().orElse("");
            } else if (thing && !verb.isEmpty()) {
                instruction.addFirst(verb);
            }
            all.add(instruction);
        }
        return all;
    }

    private List<List<String>> parts() {
        List<List<String>> parts = new ArrayList<>();
        List<String> part = new ArrayList<>();
        for (String word : words) {
            if (!word.equals("and")) {
                part.add(word);
            } else if (!part.isEmpty()) {
                parts.add(part);
                part = new ArrayList<>();
            }
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }

    /**
     * Steps for the model: each word with the number of its phrase, each letter with how many follow it.
     *
     * @param words with names of colours already
     */
    static List<List<String>> steps(List<String> words, MosaicLexicon lexicon) {
        List<List<String>> steps = new ArrayList<>();
        int phrase = 0;
        boolean noun = false;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("and") || noun && MosaicStep.number(word, 'n').isPresent()) {
                phrase = Math.min(15, phrase + 1);
                noun = false;
            }
            noun |= lexicon.shapes().contains(word);
            List<String> step = new ArrayList<>(List.of(word, "q" + phrase, "g:prompt"));
            if (word.startsWith("l:")) {
                int end = i + words.subList(i, words.size()).indexOf("endword");
                step.add("r" + (end - i - 1));
            }
            steps.add(step);
        }
        return steps;
    }

    /** Reads a text from its beginning to its end. */
    private static final class Reader {
        private final String text;
        private final String low;
        private final MosaicLexicon lexicon;
        private final int longest;
        private final List<String> words = new ArrayList<>();
        private final List<String> unknown = new ArrayList<>();
        private int at;

        Reader(String text, MosaicLexicon lexicon) {
            this.text = text;
            // Letter by letter, so that both have the same length.
            StringBuilder small = new StringBuilder(text);
            for (int i = 0; i < small.length(); i++) {
                small.setCharAt(i, Character.toLowerCase(small.charAt(i)));
            }
            this.low = small.toString();
            this.lexicon = lexicon;
            this.longest = lexicon.phrases().keySet().stream()
                    .mapToInt(String::length)
                    .max()
                    .orElse(0);
        }

        MosaicPrompt read() {
            while (at < text.length()) {
                if (Character.isWhitespace(text.charAt(at))) {
                    at++;
                } else if (!quoted() && !hex() && !bare() && !phrase()) {
                    stranger();
                }
            }
            return new MosaicPrompt(words, unknown);
        }

        private Matcher here(Pattern pattern) {
            return pattern.matcher(text).region(at, text.length()).useTransparentBounds(true);
        }

        private boolean quoted() {
            Matcher quoted = here(QUOTED);
            if (!quoted.lookingAt()) {
                return false;
            }
            String inside = quoted.group(1) == null ? quoted.group(2) : quoted.group(1);
            letters(String.valueOf(inside));
            at = quoted.end();
            return true;
        }

        private boolean hex() {
            Matcher hex = here(HEX);
            if (!hex.lookingAt()) {
                return false;
            }
            Colours.parse(hex.group()).ifPresent(rgb -> words.add(Colours.hex(rgb)));
            at = hex.end();
            return true;
        }

        /** A text without quotes, where one is due: behind "the word", or what a word is to become. */
        private boolean bare() {
            String before = words.isEmpty() ? "" : words.getLast();
            boolean due =
                    before.equals("word") && !words.contains("make") || before.equals("into") && words.contains("word");
            Matcher bare = here(BARE);
            if (!due || !bare.lookingAt() || lexicon.places().contains(low.substring(at, bare.end()))) {
                return false;
            }
            String plain = bare.group().replaceFirst("[!?]+$", "");
            letters(plain.isEmpty() ? bare.group() : plain);
            at = bare.end();
            continued();
            return true;
        }

        /** Words in capitals go on: HAPPY BIRTHDAY. */
        private void continued() {
            Matcher next = Pattern.compile(" ([A-Z0-9]{2,}!?)(?![A-Za-z0-9])").matcher(text);
            while (next.region(at, text.length()).lookingAt()
                    && text.substring(Math.max(0, at - 1), at).matches("[A-Z0-9]")) {
                words.removeLast();
                words.add("l: ");
                next.group(1).chars().forEach(c -> words.add("l:" + (char) c));
                words.add("endword");
                at = next.end();
            }
        }

        private void letters(String written) {
            if (words.isEmpty()
                    || !words.getLast().equals("word") && !words.getLast().equals("into")) {
                words.add("word");
            }
            written.chars().mapToObj(c -> "l:" + (char) c).forEach(words::add);
            words.add("endword");
        }

        private boolean phrase() {
            for (int length = Math.min(longest, text.length() - at); length > 0; length--) {
                String piece = low.substring(at, at + length);
                if (lexicon.phrases().containsKey(piece) && !goesOn(at + length)) {
                    words.addAll(lexicon.phrases().get(piece));
                    at += length;
                    return true;
                }
            }
            return false;
        }

        /** Whether a Latin word or number is cut in two there. */
        private boolean goesOn(int end) {
            return end < text.length() && latin(text.charAt(end - 1)) && latin(text.charAt(end));
        }

        private static boolean latin(char c) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
        }

        private void stranger() {
            Matcher word = here(UNKNOWN);
            if (!word.lookingAt()) {
                throw new IllegalStateException("every text has a next sign");
            }
            if (Character.isLetterOrDigit(word.group().codePointAt(0))) {
                unknown.add(word.group());
            }
            at = word.end();
        }
    }
}
