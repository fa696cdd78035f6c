package studio.atelier.engine.chat.jinja;

import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str} that ask about its characters. */
final class CharacterMethods {
    private static final Map<String, Predicate<String>> NAMED = Map.ofEntries(
            Map.entry("isalnum", all(point -> Characters.isAlphabetic(point) || Characters.isNumeric(point))),
            Map.entry("isalpha", all(Characters::isAlphabetic)),
            Map.entry("isascii", text -> text.chars().allMatch(c -> c < 0x80)),
            Map.entry("isdecimal", all(Characters::isDecimal)),
            Map.entry("isdigit", all(Characters::isDigit)),
            Map.entry("isidentifier", Characters::isIdentifier),
            Map.entry("islower", CharacterMethods::isLower),
            Map.entry("isnumeric", all(Characters::isNumeric)),
            Map.entry("isprintable", text -> text.codePoints().allMatch(Characters::isPrintable)),
            Map.entry("isspace", all(Characters::isSpace)),
            Map.entry("istitle", CharacterMethods::isTitle),
            Map.entry("isupper", CharacterMethods::isUpper));

    private CharacterMethods() {}

    static StringMethods.@Nullable Method named(String name) {
        Predicate<String> question = NAMED.get(name);
        return question == null ? null : (self, arguments, budget) -> BooleanValue.of(question.test(self.text()));
    }

    private static Predicate<String> all(IntPredicate each) {
        return text -> !text.isEmpty() && text.codePoints().allMatch(each);
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Characters::isCased)
                && text.codePoints().noneMatch(point -> Character.isUpperCase(point) || Character.isTitleCase(point));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Characters::isCased)
                && text.codePoints().noneMatch(point -> Character.isLowerCase(point) || Character.isTitleCase(point));
    }

    private static boolean isTitle(String text) {
        boolean inWord = false;
        boolean any = false;
        for (int point : text.codePoints().toArray()) {
            boolean opens = Character.isUpperCase(point) || Character.isTitleCase(point);
            boolean follows = Character.isLowerCase(point);
            if ((opens && inWord) || (follows && !inWord)) {
                return false;
            }
            inWord = opens || follows;
            any |= inWord;
        }
        return any;
    }
}
