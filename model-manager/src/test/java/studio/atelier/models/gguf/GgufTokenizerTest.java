package studio.atelier.models.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tokenizer.Tokenizer;

/** Text becomes the same tokens by way of a GGUF file's vocabulary. */
final class GgufTokenizerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ALPHABET = "\u2581abcdefg\u00e9\u4e2d";

    @TempDir
    private Path folder;

    private Tokenizer tokenizer(GgufBytes bytes) throws Exception {
        Path file = folder.resolve("vocabulary.gguf");
        Files.write(file, bytes.build());
        try (GgufFile opened = GgufFile.open(file)) {
            JSON.writeValue(folder.resolve("tokenizer.json").toFile(), GgufTokenizer.of(opened));
            JSON.writeValue(folder.resolve("tokenizer_config.json").toFile(), GgufTokenizer.config(opened));
        }
        return Tokenizer.open(folder);
    }

    /** A published vocabulary written into a file and read back: ids that two other implementations agree on. */
    @ParameterizedTest
    @CsvSource({"deepseek-v3, deepseek-v3", "llama-3.1, llama-bpe"})
    void cutsTextAsPublished(String family, String pre) throws Exception {
        Path golden = Path.of(System.getProperty("atelier.golden", "../../shared/golden"))
                .resolve("tokenizers")
                .resolve(family);
        assumeTrue(Files.isDirectory(golden), "the vocabulary of " + family + " is not here");
        JsonNode published = JSON.readTree(golden.resolve("tokenizer.json").toFile());
        TreeMap<Integer, String> tokens = new TreeMap<>();
        published
                .at("/model/vocab")
                .properties()
                .forEach(token -> tokens.put(token.getValue().asInt(), token.getKey()));
        Set<Integer> added = new LinkedHashSet<>();
        Set<Integer> special = new LinkedHashSet<>();
        for (JsonNode token : published.path("added_tokens")) {
            tokens.put(token.path("id").asInt(), token.path("content").asText());
            (token.path("special").asBoolean() ? special : added)
                    .add(token.path("id").asInt());
        }
        List<String> texts = new ArrayList<>();
        List<Integer> kinds = new ArrayList<>();
        for (int id = 0; id <= tokens.lastKey(); id++) {
            texts.add(tokens.getOrDefault(id, "<unused" + id + ">"));
            kinds.add(special.contains(id) ? 3 : added.contains(id) ? 4 : tokens.containsKey(id) ? 1 : 5);
        }
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : published.at("/model/merges")) {
            merges.add(
                    merge.isTextual()
                            ? merge.asText()
                            : merge.path(0).asText() + " " + merge.path(1).asText());
        }
        Tokenizer tokenizer = tokenizer(new GgufBytes()
                .with("general.architecture", "llama")
                .with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", pre)
                .with("tokenizer.ggml.tokens", texts)
                .with("tokenizer.ggml.token_type", kinds)
                .with("tokenizer.ggml.merges", merges));
        int compared = 0;
        for (JsonNode each : JSON.readTree(golden.resolve("cases.json").toFile())) {
            int[] wanted = JSON.convertValue(each.path("ids_without_special"), int[].class);
            assertArrayEquals(
                    wanted,
                    tokenizer.encode(each.path("text").asText()),
                    each.path("name").asText());
            compared++;
        }
        assertTrue(compared > 100, compared + " texts");
    }

    /** Words with their case, digits by three, and a slash that stays with the line's end: as gpt-oss was taught. */
    @Test
    void wordsOfGptOssKnowTheirCase() throws Exception {
        List<String> tokens = letters();
        List<String> merges = new ArrayList<>();
        // Every pair within these is joined; whatever is not one token was cut.
        for (String word : List.of("HTML", "Page", "don't", "123", "4", "/\n", "\u0120Big")) {
            String letters = word.replace("\n", "\u010a");
            for (int end = 2; end <= letters.length(); end++) {
                String joined = letters.substring(0, end);
                if (!tokens.contains(joined)) {
                    tokens.add(joined);
                    merges.add(letters.substring(0, end - 1) + " " + letters.substring(end - 1, end));
                }
            }
        }
        Tokenizer tokenizer = tokenizer(new GgufBytes()
                .with("general.architecture", "gpt-oss")
                .with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", "gpt-4o")
                .with("tokenizer.ggml.tokens", tokens)
                .with("tokenizer.ggml.merges", merges));
        assertEquals(
                List.of("HTML", "Page", "don't", "123", "4", "/\u010a", "\u0120Big"),
                words(tokenizer, tokens, "HTMLPagedon't1234/\n Big"));
    }

    private static List<String> words(Tokenizer tokenizer, List<String> tokens, String text) throws EngineException {
        List<String> words = new ArrayList<>();
        for (int id : tokenizer.encode(text)) {
            words.add(tokens.get(id));
        }
        return words;
    }

    /** One for each byte, as byte-level vocabularies spell them. */
    private static List<String> letters() {
        List<String> letters = new ArrayList<>();
        int unprintable = 256;
        for (int value = 0; value < 256; value++) {
            boolean own = value > ' ' && value < 127 || value > 160 && value != 173;
            letters.add(Character.toString(own ? value : unprintable++));
        }
        return letters;
    }

    /** Random pieces and scores; beside the plainest way to join them, pair after pair over the whole text. */
    @Test
    void piecesAreJoinedByTheirScores() throws Exception {
        Random random = new Random(11);
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> kinds = new ArrayList<>(List.of(2, 3, 3));
        for (int value = 0; value < 256; value++) {
            tokens.add(String.format("<0x%02X>", value));
            kinds.add(6);
        }
        ALPHABET.codePoints().forEach(letter -> tokens.add(Character.toString(letter)));
        while (tokens.size() < 420) {
            String left = tokens.get(259 + random.nextInt(tokens.size() - 259));
            String right = tokens.get(259 + random.nextInt(tokens.size() - 259));
            if (left.length() + right.length() <= 6 && !tokens.contains(left + right)) {
                tokens.add(left + right);
            }
        }
        List<Float> scores = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            scores.add(id < 259 ? 0f : 259f - id);
            if (id >= 259) {
                kinds.add(1);
            }
        }
        Tokenizer tokenizer = tokenizer(new GgufBytes()
                .with("general.architecture", "llama")
                .with("tokenizer.ggml.model", "llama")
                .with("tokenizer.ggml.tokens", tokens)
                .with("tokenizer.ggml.scores", scores)
                .with("tokenizer.ggml.token_type", kinds)
                .with("tokenizer.ggml.bos_token_id", 1)
                .with("tokenizer.ggml.eos_token_id", 2));
        for (int round = 0; round < 500; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(30); i >= 0; i--) {
                text.appendCodePoint(" abcdefg\u00e9\u4e2d\u00fc\ud83d\ude00"
                        .codePoints()
                        .skip(random.nextInt(12))
                        .findFirst()
                        .orElse(' '));
            }
            int[] ids = tokenizer.encode(text.toString());
            assertArrayEquals(joined(text.toString(), tokens, scores), ids, text.toString());
            assertEquals(text.toString(), tokenizer.decode(ids));
        }
        int[] marked = tokenizer.encode("<s>a");
        assertEquals(1, marked[0], "a special token is one");
    }

    private static int[] joined(String text, List<String> tokens, List<Float> scores) {
        List<String> parts = new ArrayList<>();
        ("\u2581" + text.replace(' ', '\u2581')).codePoints().forEach(letter -> parts.add(Character.toString(letter)));
        while (true) {
            int best = -1;
            for (int i = 0; i + 1 < parts.size(); i++) {
                int id = tokens.indexOf(parts.get(i) + parts.get(i + 1));
                if (id >= 259 && (best < 0 || scores.get(id) > score(parts, best, tokens, scores))) {
                    best = i;
                }
            }
            if (best < 0) {
                break;
            }
            parts.set(best, parts.get(best) + parts.remove(best + 1));
        }
        List<Integer> ids = new ArrayList<>();
        for (String part : parts) {
            if (tokens.contains(part)) {
                ids.add(tokens.indexOf(part));
            } else {
                for (byte value : part.getBytes(StandardCharsets.UTF_8)) {
                    ids.add(3 + (value & 0xFF));
                }
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static float score(List<String> parts, int at, List<String> tokens, List<Float> scores) {
        return scores.get(tokens.indexOf(parts.get(at) + parts.get(at + 1)));
    }

    @Test
    void scoresThatLackAreRefused() {
        EngineException refused = assertThrows(
                EngineException.class,
                () -> tokenizer(new GgufBytes()
                        .with("general.architecture", "llama")
                        .with("tokenizer.ggml.model", "llama")
                        .with("tokenizer.ggml.tokens", List.of("<unk>", "a", "b"))
                        .with("tokenizer.ggml.scores", List.of(0f, 1f))
                        .with("tokenizer.ggml.token_type", List.of(2, 1, 1))));
        assertTrue(refused.getMessage().contains("3 numbers, got 2"), refused.getMessage());
    }
}
