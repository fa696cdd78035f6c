package studio.atelier.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a plan leaves a cell to say. */
final class MosaicCellsTest {
    private static final List<String> KIND = List.of("star", "o:heart", "l:A", "empty");
    private static final List<String> SLOT = List.of("c0", "c1");
    private static final List<String> SIZE = List.of("z1", "z2");
    private static final List<String> DOWN = List.of("i0", "i1");
    private static final List<String> ACROSS = List.of("j0", "j1");
    private static final List<String> EMPTY = List.of("empty");
    private static final List<String> HEART_ON_STAR =
            List.of("o:heart", "c1", "z1", "i0", "j0", "u:star", "u:c0", "u:z2", "u:i1", "u:j1");
    private static final List<String> STAR_ON_HEART =
            List.of("star", "c0", "z2", "i1", "j1", "u:o:heart", "u:c1", "u:z1", "u:i0", "u:j0");

    private final MosaicLexicon lexicon = lexicon();
    private final MosaicCells cells = new MosaicCells(
            List.of(
                    new MosaicStep(List.of("<head>", "none", "grid", "wordless")),
                    new MosaicStep(List.of("star", "c0", "normal", "n1", "t1")),
                    new MosaicStep(List.of("<place>", "h1", "v1", "z2", "t2", "s0")),
                    new MosaicStep(List.of("star", "c0", "z2", "y0", "x0", "r0", "s0", "w0")),
                    new MosaicStep(List.of("o:heart", "c1", "z1", "y1", "x1", "r0", "w0"))),
            lexicon);

    private static MosaicLexicon lexicon() {
        Map<String, List<String>> said = new HashMap<>();
        said.put("kind", KIND);
        said.put("slot", SLOT);
        said.put("size", SIZE);
        said.put("down", DOWN);
        said.put("across", ACROSS);
        List<String> tokens = new ArrayList<>();
        Map<String, MosaicLexicon.Field> fields = new HashMap<>();
        for (boolean under : List.of(false, true)) {
            for (String field : List.of("kind", "slot", "size", "down", "across")) {
                int first = tokens.size();
                said.getOrDefault(field, List.of()).forEach(name -> tokens.add(under ? "u:" + name : name));
                fields.put(under ? field + "-under" : field, new MosaicLexicon.Field(first, tokens.size()));
            }
        }
        Map<String, Integer> ids = new HashMap<>();
        tokens.forEach(name -> ids.put(name, ids.size()));
        return new MosaicLexicon(
                tokens, ids, fields, Map.of(), Set.of(), "A", List.of("star", "heart"), Map.of(), Map.of());
    }

    @Test
    void allowsOnlyWhatCoversTheCell() {
        assertEquals(List.of(EMPTY), cells.allowed(2, 0), "no thing is there");
        assertEquals(
                List.of(List.of("star", "c0", "z2", "i0", "j0", "u:empty")), cells.allowed(0, 0), "one thing is there");
        assertEquals(
                List.of(STAR_ON_HEART, HEART_ON_STAR), cells.allowed(1, 1), "two are there, and either may be on top");
    }

    @Test
    void choosesAmongThemAsTheModelWould() {
        float[] logits = new float[lexicon.tokens().size()];
        logits[lexicon.id("o:heart")] = 4;
        // What is likeliest of all is not there.
        logits[lexicon.id("l:A")] = 6;
        assertEquals(HEART_ON_STAR, cells.likeliest(cells.allowed(1, 1), logits));
        assertEquals(EMPTY, cells.likeliest(cells.allowed(2, 0), logits));
        logits[lexicon.id("u:o:heart")] = 9;
        assertEquals(STAR_ON_HEART, cells.likeliest(cells.allowed(1, 1), logits));
    }
}
