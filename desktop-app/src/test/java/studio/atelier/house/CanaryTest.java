package studio.atelier.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checker that never complains may be asleep: with the build's own compiler arguments, each must refuse a bad class. */
final class CanaryTest {
    @TempDir
    private Path output;

    @Test
    void nullAwayRefusesNullWhereNoneMayBe() throws IOException {
        List<String> errors = compile("""
            @org.jspecify.annotations.NullMarked
            final class Canary {
                static int length(String text) {
                    return text.length();
                }

                static int broken() {
                    return length(null);
                }
            }
            """);
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().contains("NullAway"), errors.toString());
    }

    @Test
    void errorProneRefusesKnownMistakes() throws IOException {
        List<String> errors = compile("""
            final class Canary {
                static boolean same(int[] a, int[] b) {
                    return a.equals(b);
                }
            }
            """);
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().contains("ArrayEquals"), errors.toString());
    }

    @Test
    void soundClassPasses() throws IOException {
        assertEquals(List.of(), compile("final class Canary {}\n"));
    }

    private List<String> compile(String source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        String classPath = System.getProperty("java.class.path");
        List<String> checkers = buildCompilerArguments();
        assertFalse(checkers.isEmpty(), "the build's pom.xml names no checker");
        List<String> options = new java.util.ArrayList<>(checkers);
        options.addAll(List.of("-processorpath", classPath, "-classpath", classPath, "-proc:none"));
        options.addAll(List.of("-d", output.toString()));
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Canary.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        compiler.getTask(null, null, diagnostics, options, null, List.of(file)).call();
        return diagnostics.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == javax.tools.Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getMessage(Locale.ENGLISH))
                .toList();
    }

    /** The checkers' arguments as the root pom.xml gives them to the compiler, so that a weakened build turns this red. */
    private static List<String> buildCompilerArguments() throws IOException {
        String pom = Files.readString(SourceTree.root().resolve("pom.xml"));
        Matcher argument =
                Pattern.compile("<arg>(-X[^<]*|--should-stop[^<]*)</arg>").matcher(pom);
        return argument.results().map(result -> result.group(1)).toList();
    }
}
