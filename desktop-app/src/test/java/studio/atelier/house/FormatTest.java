package studio.atelier.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.ImportOrderer;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every source is as the formatter writes it. {@code ./studio format} rewrites those that are not.
 *
 * <p>A test and not a build plugin, because it must run on the JDK that the tests run on: the build itself may run on
 * an older one that cannot parse today's Java.
 */
final class FormatTest {
    private static final boolean REWRITE = Boolean.getBoolean("atelier.format");

    @Test
    void everySourceIsFormatted() throws Exception {
        List<Path> files = SourceTree.javaFiles();
        assertFalse(files.isEmpty());
        List<String> unformatted = new ArrayList<>();
        for (Path file : files) {
            String source = Files.readString(file);
            String formatted = format(source);
            if (!formatted.equals(source)) {
                unformatted.add(SourceTree.root().relativize(file).toString());
                rewrite(file, formatted);
            }
        }
        assertEquals(List.of(), REWRITE ? List.of() : unformatted, "run ./studio format");
    }

    @Test
    void formatterChangesWhatIsNotFormatted() throws FormatterException {
        String formatted = format("package a;import java.util.List;import java.util.Set;class A{Set<A> x;}");
        assertEquals("""
            package a;

            import java.util.Set;

            class A {
                Set<A> x;
            }
            """, formatted);
    }

    private static String format(String source) throws FormatterException {
        JavaFormatterOptions options = JavaFormatterOptions.builder()
                .style(JavaFormatterOptions.Style.PALANTIR)
                .build();
        String tidy = ImportOrderer.reorderImports(
                RemoveUnusedImports.removeUnusedImports(source), JavaFormatterOptions.Style.PALANTIR);
        return Formatter.createFormatter(options).formatSource(tidy);
    }

    private static void rewrite(Path file, String formatted) throws IOException {
        if (REWRITE) {
            Files.writeString(file, formatted);
        }
    }
}
