package studio.atelier.engine.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;

/** Real tokenizers against the ids and texts that independent implementations agree on. */
final class GoldenTokenizersTest {
    @TempDir
    Path scratch;

    @TestFactory
    List<DynamicNode> everyTextOfEveryFamily() throws IOException, EngineException {
        var families = new ArrayList<DynamicNode>();
        for (String family : GoldenTokenizers.families()) {
            var tokenizer = GoldenTokenizers.tokenizer(family, scratch);
            var cases = GoldenTokenizers.cases("tokenizers/" + family + "/cases.json");
            families.add(
                    tokenizer.isEmpty() || cases.isEmpty()
                            ? absent(family)
                            : dynamicContainer(
                                    family,
                                    cases.stream()
                                            .map(each ->
                                                    dynamicTest(each.get("name").textValue(), () -> {
                                                        checkEncoding(tokenizer.get(), each);
                                                        checkDecoding(tokenizer.get(), each);
                                                    }))));
        }
        return families;
    }

    private static void checkEncoding(Tokenizer tokenizer, JsonNode each) {
        String text = each.get("text").textValue();
        assertArrayEquals(GoldenTokenizers.ids(each.get("ids_without_special")), tokenizer.encode(text));
        assertArrayEquals(GoldenTokenizers.ids(each.get("ids_with_special")), tokenizer.encodeWithSpecialTokens(text));
    }

    private static void checkDecoding(Tokenizer tokenizer, JsonNode each) {
        int[] plain = GoldenTokenizers.ids(each.get("ids_without_special"));
        int[] surrounded = GoldenTokenizers.ids(each.get("ids_with_special"));
        assertEquals(each.get("decoded").textValue(), tokenizer.decode(plain));
        assertEquals(each.get("decoded").textValue(), streamed(tokenizer, plain, SpecialTokens.KEPT));
        assertEquals(each.get("decoded_with_special").textValue(), tokenizer.decode(surrounded));
        String skipped = each.get("decoded_skip_special").textValue();
        assertEquals(skipped, tokenizer.decode(surrounded, SpecialTokens.SKIPPED));
        assertEquals(skipped, streamed(tokenizer, surrounded, SpecialTokens.SKIPPED));
    }

    private static String streamed(Tokenizer tokenizer, int[] ids, SpecialTokens specialTokens) {
        var decoder = tokenizer.streamingDecoder(specialTokens);
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.accept(id));
        }
        return text.append(decoder.flush()).toString();
    }

    @TestFactory
    List<DynamicNode> everyRenderedPrompt() throws IOException, EngineException {
        var families = new ArrayList<DynamicNode>();
        for (String family : GoldenTokenizers.families()) {
            var tokenizer = GoldenTokenizers.tokenizer(family, scratch);
            var prompts = GoldenTokenizers.cases("prompt-ids/" + family + ".json");
            families.add(
                    tokenizer.isEmpty() || prompts.isEmpty()
                            ? absent(family)
                            : dynamicContainer(
                                    family, prompts.stream().map(each -> promptTest(tokenizer.get(), each))));
        }
        return families;
    }

    private static DynamicTest promptTest(Tokenizer tokenizer, JsonNode each) {
        String name = each.get("template").textValue() + " " + each.get("case").textValue();
        return dynamicTest(name, () -> {
            String prompt = each.get("prompt").textValue();
            int[] ids = GoldenTokenizers.ids(each.get("ids"));
            assertArrayEquals(ids, tokenizer.encode(prompt));
            assertEquals(prompt, tokenizer.decode(ids));
        });
    }

    /** llama.cpp's own texts and ids for the same vocabularies. */
    @TestFactory
    Stream<DynamicNode> everyTextOfLlamaCpp() {
        return Stream.of(llamaCpp("qwen3", "qwen2"), llamaCpp("llama-3.1", "llama-bpe"));
    }

    private DynamicNode llamaCpp(String family, String name) {
        return dynamicTest(name, () -> {
            var tokenizer = GoldenTokenizers.tokenizer(family, scratch);
            var texts = GoldenTokenizers.text("gguf-vocab/" + name + ".gguf.inp");
            var ids = GoldenTokenizers.text("gguf-vocab/" + name + ".gguf.out");
            if (tokenizer.isEmpty() || texts.isEmpty() || ids.isEmpty()) {
                abort("the golden data of " + name + " is not here");
                return;
            }
            String[] inputs = texts.get().split("\n__ggml_vocab_test__\n");
            var expected = ids.get().lines().toList();
            for (int i = 0; i < expected.size(); i++) {
                int[] line = Stream.of(expected.get(i).trim().split(" "))
                        .filter(id -> !id.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
                assertArrayEquals(line, tokenizer.get().encode(inputs[i]), inputs[i]);
            }
            assertEquals(inputs.length, expected.size(), "texts and lines of ids");
        });
    }

    private static DynamicTest absent(String family) {
        return dynamicTest(family, () -> abort("the golden data of " + family + " is not here"));
    }
}
