package studio.atelier.app.i18n;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import studio.atelier.app.shell.Action;
import studio.atelier.engine.EngineException;

final class MessagesTest {
    private static final Pattern PLACE = Pattern.compile("\\{\\d}");
    private static final Pattern KEY = Pattern.compile(
            "\"((?!settings\\.json)(?:app|menu|sidebar|chat|composer|stats|quantity|inspector|figures|images|models|settings|notice"
                    + "|failure|help|updates|open|export)\\.[a-z.-]*[a-z])\"");

    /** Calls that put text in front of people, given words instead of a key. */
    private static final Pattern HARD_CODED = Pattern.compile(
            "(?:new (?:Label|Button|Tooltip|MenuItem|Menu|TextField|Text)|Labels\\.(?:of|wrapped)|Buttons\\.\\w+"
                    + "|set(?:Text|PromptText|AccessibleText|Title|Tooltip))\\(\\s*\"[^\"]*\\p{L}");

    @Test
    void bothLanguagesSayTheSameThings() {
        Messages english = Messages.in(Language.ENGLISH);
        Messages chinese = Messages.in(Language.SIMPLIFIED_CHINESE);
        assertEquals(english.keys(), chinese.keys());
        assertTrue(english.keys().size() > 100, "the bundles were not found");
        for (String key : english.keys()) {
            assertEquals(places(english.text(key)), places(chinese.text(key)), key);
        }
    }

    @Test
    void chineseIsChinese() {
        Messages chinese = Messages.in(Language.SIMPLIFIED_CHINESE);
        assertEquals("新对话", chinese.text("sidebar.new"));
        assertEquals("New chat", Messages.in(Language.ENGLISH).text("sidebar.new"));
        long inBoth = chinese.keys().stream()
                .filter(key ->
                        chinese.text(key).equals(Messages.in(Language.ENGLISH).text(key)))
                .count();
        assertTrue(inBoth < 12, inBoth + " texts were not translated");
    }

    @Test
    void everyKeyTheCodeNamesIsWritten() throws IOException {
        Set<String> written = Messages.in(Language.ENGLISH).keys();
        Set<String> named = new TreeSet<>();
        for (Path file : sources()) {
            KEY.matcher(Files.readString(file))
                    .results()
                    .map(match -> match.group(1))
                    .forEach(named::add);
        }
        for (Action action : Action.values()) {
            named.add(action.key());
            named.add(action.group().key());
        }
        for (EngineException.Reason reason : EngineException.Reason.values()) {
            named.add("failure."
                    + reason.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        }
        Set<String> missing = new TreeSet<>(named);
        missing.removeAll(written);
        assertEquals(Set.of(), missing);
        assertTrue(named.size() > 100, "the sources were not found");
    }

    @Test
    void everyTextIsUsed() throws IOException {
        StringBuilder code = new StringBuilder();
        for (Path file : sources()) {
            code.append(Files.readString(file));
        }
        Set<String> unused = new TreeSet<>(Messages.in(Language.ENGLISH).keys());
        // Built from the names of constants, or numbered.
        unused.removeIf(key -> key.matches("(action|menu|failure|prompt)\\..*|settings\\.appearance-.*"
                + "|images\\.(quality\\..*|trouble\\..*-text|empty\\.prompt\\..*)"));
        unused.removeIf(key -> code.indexOf('"' + key + '"') >= 0);
        assertEquals(Set.of(), unused);
    }

    @Test
    void noTextIsHardCoded() throws IOException {
        for (Path file : sources()) {
            List<String> found = HARD_CODED
                    .matcher(Files.readString(file))
                    .results()
                    .map(MatchResult::group)
                    .toList();
            assertEquals(List.of(), found, file.getFileName() + ": put the words into the message bundles");
        }
    }

    @Test
    void quantitiesFollowTheLanguage() {
        Quantities english = new Quantities(Messages.in(Language.ENGLISH));
        Quantities chinese = new Quantities(Messages.in(Language.SIMPLIFIED_CHINESE));
        assertEquals("131,072", english.count(131_072));
        assertEquals("5\u202f%", english.percent(0.05));
        assertEquals("5%", chinese.percent(0.05));
        assertEquals("214.6 of 352.0 GB", english.partOfDiskSize(214_600_000_000L, 352_000_000_000L));
        assertEquals("7.1 / 14.2 MB", chinese.partOfDiskSize(7_100_000, 14_200_000));
        assertEquals("61.4 tok/s", english.tokensPerSecond(61.44));
        assertEquals("1,204 tok/s", english.tokensPerSecond(1204.4));
        assertEquals("1:05", english.duration(65_900));
    }

    private static List<String> places(String text) {
        return PLACE.matcher(text).results().map(MatchResult::group).sorted().toList();
    }

    private static List<Path> sources() throws IOException {
        Path root = Path.of(System.getProperty("atelier.root", ".."));
        try (Stream<Path> files = Files.walk(root.resolve("desktop-app/src/main/java/studio/atelier/app"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
