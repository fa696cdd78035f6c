package studio.atelier.installers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What THIRD-PARTY.md says is shipped: its tables of jars and of files, row by row. */
final class ThirdParty {
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    /**
     * One row.
     *
     * @param names jars without version, or patterns of files below the assets
     * @param texts where the licences are: files in {@code installers/src/licences}, in the assets, or LICENSE; empty
     *     when the jars themselves hold them
     */
    record Row(List<String> names, String version, String licence, List<String> texts) {}

    private final List<Row> jars;
    private final List<Row> files;

    private ThirdParty(List<Row> jars, List<Row> files) {
        this.jars = jars;
        this.files = files;
    }

    static ThirdParty read(Path file) throws IOException {
        String[] sections = Files.readString(file).split("(?m)^## ");
        List<Row> jars = new ArrayList<>();
        List<Row> files = new ArrayList<>();
        for (String section : sections) {
            if (section.startsWith("Java libraries")) {
                cells(section).forEach(row -> jars.add(new Row(quoted(row[0]), row[1], row[2], quoted(row[4]))));
            } else if (section.startsWith("Fonts and scripts")) {
                cells(section).forEach(row -> files.add(new Row(quoted(row[0]), row[2], row[3], quoted(row[6]))));
            }
        }
        return new ThirdParty(List.copyOf(jars), List.copyOf(files));
    }

    /** The rows of a table without its head and the line below. */
    private static List<String[]> cells(String section) {
        return section.lines()
                .filter(line -> line.startsWith("| "))
                .skip(1)
                .map(line -> line.substring(1, line.lastIndexOf('|')).split("\\|", -1))
                .map(row -> java.util.Arrays.stream(row).map(String::strip).toArray(String[]::new))
                .toList();
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    List<Row> jars() {
        return jars;
    }

    List<Row> files() {
        return files;
    }
}
