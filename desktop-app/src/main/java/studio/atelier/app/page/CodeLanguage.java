package studio.atelier.app.page;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The language of a block of code.
 *
 * @param name as the highlighter knows it
 * @param label as people write it
 */
record CodeLanguage(String name, String label) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9+#._-]{0,23}");
    private static final Map<String, String> LABELS = Map.ofEntries(
            Map.entry("bash", "Bash"),
            Map.entry("c", "C"),
            Map.entry("c#", "C#"),
            Map.entry("c++", "C++"),
            Map.entry("cpp", "C++"),
            Map.entry("cs", "C#"),
            Map.entry("csharp", "C#"),
            Map.entry("css", "CSS"),
            Map.entry("diff", "Diff"),
            Map.entry("go", "Go"),
            Map.entry("html", "HTML"),
            Map.entry("java", "Java"),
            Map.entry("javascript", "JavaScript"),
            Map.entry("js", "JavaScript"),
            Map.entry("json", "JSON"),
            Map.entry("kotlin", "Kotlin"),
            Map.entry("latex", "LaTeX"),
            Map.entry("markdown", "Markdown"),
            Map.entry("md", "Markdown"),
            Map.entry("php", "PHP"),
            Map.entry("py", "Python"),
            Map.entry("python", "Python"),
            Map.entry("r", "R"),
            Map.entry("ruby", "Ruby"),
            Map.entry("rust", "Rust"),
            Map.entry("sh", "Shell"),
            Map.entry("shell", "Shell"),
            Map.entry("sql", "SQL"),
            Map.entry("swift", "Swift"),
            Map.entry("ts", "TypeScript"),
            Map.entry("typescript", "TypeScript"),
            Map.entry("xml", "XML"),
            Map.entry("yaml", "YAML"),
            Map.entry("yml", "YAML"));

    /** The language that a fence names; empty when its first word is not the name of one. */
    static Optional<CodeLanguage> of(String info) {
        String first = info.strip().split("[\\s,{:]", 2)[0];
        String name = first.toLowerCase(Locale.ROOT);
        return NAME.matcher(name).matches()
                ? Optional.of(new CodeLanguage(name, LABELS.getOrDefault(name, first)))
                : Optional.empty();
    }
}
