package studio.atelier.engine.tokenizer;

import java.util.Locale;
import java.util.Map;

/** Names of character properties as Oniguruma writes them, as Java's {@code \p{…}}. */
final class RegexProperty {
    private static final Map<String, String> CATEGORIES = Map.ofEntries(
            Map.entry("letter", "L"),
            Map.entry("uppercaseletter", "Lu"),
            Map.entry("lowercaseletter", "Ll"),
            Map.entry("titlecaseletter", "Lt"),
            Map.entry("casedletter", "LC"),
            Map.entry("modifierletter", "Lm"),
            Map.entry("otherletter", "Lo"),
            Map.entry("mark", "M"),
            Map.entry("combiningmark", "M"),
            Map.entry("nonspacingmark", "Mn"),
            Map.entry("spacingmark", "Mc"),
            Map.entry("enclosingmark", "Me"),
            Map.entry("number", "N"),
            Map.entry("decimalnumber", "Nd"),
            Map.entry("letternumber", "Nl"),
            Map.entry("othernumber", "No"),
            Map.entry("punctuation", "P"),
            Map.entry("connectorpunctuation", "Pc"),
            Map.entry("dashpunctuation", "Pd"),
            Map.entry("openpunctuation", "Ps"),
            Map.entry("closepunctuation", "Pe"),
            Map.entry("initialpunctuation", "Pi"),
            Map.entry("finalpunctuation", "Pf"),
            Map.entry("otherpunctuation", "Po"),
            Map.entry("symbol", "S"),
            Map.entry("mathsymbol", "Sm"),
            Map.entry("currencysymbol", "Sc"),
            Map.entry("modifiersymbol", "Sk"),
            Map.entry("othersymbol", "So"),
            Map.entry("separator", "Z"),
            Map.entry("spaceseparator", "Zs"),
            Map.entry("lineseparator", "Zl"),
            Map.entry("paragraphseparator", "Zp"),
            Map.entry("other", "C"),
            Map.entry("control", "Cc"),
            Map.entry("format", "Cf"),
            Map.entry("surrogate", "Cs"),
            Map.entry("privateuse", "Co"),
            Map.entry("unassigned", "Cn"));

    private static final Map<String, String> CLASSES = Map.ofEntries(
            Map.entry("alnum", "\\p{Alnum}"),
            Map.entry("alpha", "\\p{Alpha}"),
            Map.entry("ascii", "\\p{ASCII}"),
            Map.entry("blank", "\\p{Blank}"),
            Map.entry("cntrl", "\\p{Cc}"),
            Map.entry("digit", "\\d"),
            Map.entry("graph", "\\p{Graph}"),
            Map.entry("lower", "\\p{Lower}"),
            Map.entry("print", "\\p{Print}"),
            Map.entry("punct", "\\p{P}"),
            Map.entry("space", "\\s"),
            Map.entry("whitespace", "\\s"),
            Map.entry("upper", "\\p{Upper}"),
            Map.entry("xdigit", "[0-9a-fA-F]"),
            Map.entry("word", "[\\w&&[^\\x{200C}\\x{200D}]]"),
            Map.entry("any", "[\\x{0}-\\x{10FFFF}]"),
            Map.entry("assigned", "\\P{Cn}"));

    private RegexProperty() {}

    /**
     * A Java expression for the property, good inside and outside brackets.
     *
     * @param name as between the braces, a leading {@code ^} negates
     * @param negation {@code "^"} to negate once more, or empty
     */
    static String translate(String name, String negation) {
        boolean negated = name.startsWith("^") != negation.equals("^");
        String bare = name.startsWith("^") ? name.substring(1) : name;
        String value = bare.substring(bare.indexOf('=') + 1);
        String key = value.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
        String translated = CLASSES.get(key);
        if (translated != null) {
            return negated ? "[^" + translated + "]" : translated;
        }
        return (negated ? "\\P{" : "\\p{") + javaName(value, key) + "}";
    }

    /** The same for a POSIX bracket {@code [:name:]}, where punctuation includes symbols. */
    static String translateBracket(String name) {
        return switch (name) {
            case "punct" -> "[\\p{P}\\p{S}]";
            case "^punct" -> "[^\\p{P}\\p{S}]";
            default -> translate(name, "");
        };
    }

    private static String javaName(String value, String key) {
        String category = CATEGORIES.get(key);
        if (category != null) {
            return category;
        }
        if (key.length() <= 2) {
            return value.substring(0, 1).toUpperCase(Locale.ROOT) + value.substring(1);
        }
        // Scripts and binary properties share the prefix "Is"; a block's name begins with "In", as some scripts' do.
        return key.startsWith("in") && !key.startsWith("inscription") && !key.equals("inherited")
                ? "In" + value.substring(2).replaceAll("[ _]", "")
                : "Is" + value;
    }
}
