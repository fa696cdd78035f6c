package studio.atelier.models.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tokenizer.Tokenizer;
import studio.atelier.engine.weights.ModelFiles;

/** From a GGUF file to a folder that the engine opens, with the numbers that the file holds. */
final class GgufConverterTest {
    private static final Path VOCABULARY = Path.of("src", "test", "resources", "gguf", "gpt-2.gguf");
    private static final int HIDDEN = 256;
    private static final int FEED = 512;
    private static final int VOCAB = 300;

    @TempDir
    private Path folder;

    /** A Llama of two layers whose matrices are of one type; norms are always F32 there. */
    private GgufBytes llama(GgufType type, String architecture) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < VOCAB; i++) {
            tokens.add(i < 256 ? byteLetter(i) : "<extra" + i + ">");
        }
        List<Integer> kinds = new ArrayList<>();
        tokens.forEach(token -> kinds.add(token.startsWith("<extra") ? 3 : 1));
        GgufBytes bytes = new GgufBytes()
                .with("general.architecture", architecture)
                .with(architecture + ".block_count", 2)
                .with(architecture + ".context_length", 512)
                .with(architecture + ".embedding_length", HIDDEN)
                .with(architecture + ".feed_forward_length", FEED)
                .with(architecture + ".attention.head_count", 4)
                .with(architecture + ".attention.head_count_kv", 2)
                .with(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .with(architecture + ".rope.freq_base", 10000f)
                .with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", "qwen2")
                .with("tokenizer.ggml.tokens", tokens)
                .with("tokenizer.ggml.token_type", kinds)
                .with("tokenizer.ggml.merges", List.of("a b"))
                .with("tokenizer.ggml.eos_token_id", 299);
        // The merge's result must be a token too.
        tokens.set(298, "ab");
        kinds.set(298, 1);
        matrix(bytes, type, "token_embd.weight", VOCAB, HIDDEN);
        norm(bytes, "output_norm.weight", HIDDEN);
        for (int layer = 0; layer < 2; layer++) {
            String at = "blk." + layer + ".";
            norm(bytes, at + "attn_norm.weight", HIDDEN);
            norm(bytes, at + "ffn_norm.weight", HIDDEN);
            if (architecture.equals("qwen3")) {
                norm(bytes, at + "attn_q_norm.weight", 64);
                norm(bytes, at + "attn_k_norm.weight", 64);
            }
            matrix(bytes, type, at + "attn_q.weight", 256, HIDDEN);
            matrix(bytes, type, at + "attn_k.weight", 128, HIDDEN);
            matrix(bytes, type, at + "attn_v.weight", 128, HIDDEN);
            matrix(bytes, type, at + "attn_output.weight", HIDDEN, 256);
            matrix(bytes, type, at + "ffn_gate.weight", FEED, HIDDEN);
            matrix(bytes, type, at + "ffn_up.weight", FEED, HIDDEN);
            matrix(bytes, type, at + "ffn_down.weight", HIDDEN, FEED);
        }
        return bytes;
    }

    /** GPT-2's letter for a byte. */
    private static String byteLetter(int value) {
        int letter = value;
        if (value <= 32) {
            letter = 256 + value;
        } else if (value >= 127 && value <= 160) {
            letter = 256 + 33 + value - 127;
        } else if (value == 173) {
            letter = 256 + 67;
        }
        return new String(Character.toChars(letter));
    }

    private static void matrix(GgufBytes bytes, GgufType type, String name, int rows, int columns) {
        bytes.with(
                name,
                type,
                GgufDecoderTest.random(type, rows * columns / type.blockValues(), name.hashCode()),
                rows,
                columns);
    }

    private static void norm(GgufBytes bytes, String name, int size) {
        bytes.with(name, GgufType.F32, GgufDecoderTest.random(GgufType.F32, size, name.hashCode()), size);
    }

    private Path convert(byte[] file) throws Exception {
        Path source = folder.resolve("model.gguf");
        Files.write(source, file);
        Path target = folder.resolve("made");
        GgufConverter.convert(source, target, _ -> {});
        return target;
    }

    @ParameterizedTest
    @EnumSource(GgufType.class)
    void numbersAreThoseOfTheFile(GgufType type) throws Exception {
        Path target = convert(llama(type, "qwen3").build());
        Engine.check(target);
        try (GgufFile source = GgufFile.open(folder.resolve("model.gguf"));
                ModelFiles made = ModelFiles.open(target)) {
            GgufTensor tensor = source.tensors().get("blk.1.ffn_down.weight");
            Weight weight = weight(made, "model.layers.1.mlp.down_proj", type, HIDDEN, FEED);
            float[] wanted = new float[FEED];
            float[] got = new float[FEED];
            double errors = 0;
            double squares = 0;
            for (int row = 0; row < HIDDEN; row++) {
                tensor.read(row, wanted, 0);
                RowDecoder.decode(weight, row, got, 0);
                for (int i = 0; i < FEED; i++) {
                    errors += Math.pow(wanted[i] - got[i], 2);
                    squares += wanted[i] * wanted[i];
                }
            }
            double relative = Math.sqrt(errors / squares);
            double most =
                    switch (type) {
                        case F32, F16, BF16, Q4_0, Q8_0, MXFP4 -> 0;
                        case Q4_K, Q5_K -> 5e-4;
                        case Q6_K, IQ4_NL, IQ4_XS -> 6e-3;
                    };
            assertTrue(relative <= most, type + ": relative error " + relative);
            assertTrue(most == 0 || relative > 0);
        }
    }

    private static Weight weight(ModelFiles made, String module, GgufType type, int rows, int columns)
            throws EngineException {
        var codes = made.tensor(module + ".weight");
        if (GgufPacking.scheme(type).isEmpty()) {
            return Weight.dense(module, rows, columns, codes.dtype(), codes.bytes());
        }
        var scheme = GgufPacking.scheme(type).get();
        var scales = made.tensor(module + ".scales");
        boolean affine = type != GgufType.MXFP4;
        QuantFormat format = affine ? new QuantFormat.Affine(scheme.bits(), 32, DType.F16) : new QuantFormat.Mxfp4();
        long scaleRow = scales.sizeBytes() / rows;
        return new Weight(
                module,
                rows,
                columns,
                format,
                new Weight.Plane(codes.bytes(), codes.sizeBytes() / rows),
                new Weight.Plane(scales.bytes(), scaleRow),
                affine ? new Weight.Plane(made.tensor(module + ".biases").bytes(), scaleRow) : Weight.Plane.NONE,
                0);
    }

    @Test
    void llamasHeadsAreTurnedBack() throws Exception {
        Path target = convert(llama(GgufType.BF16, "llama").build());
        try (GgufFile source = GgufFile.open(folder.resolve("model.gguf"));
                ModelFiles made = ModelFiles.open(target)) {
            // A head has 64 rows: in the file pairs (0, 32), (1, 33) ... lie side by side.
            for (String part : List.of("q", "k")) {
                var there =
                        source.tensors().get("blk.0.attn_" + part + ".weight").bytes();
                var here = made.tensor("model.layers.0.self_attn." + part + "_proj.weight")
                        .bytes();
                long row = HIDDEN * 2;
                for (int[] pair :
                        new int[][] {{0, 0}, {1, 2}, {32, 1}, {33, 3}, {63, 63}, {64, 64}, {65, 66}, {97, 67}}) {
                    assertEquals(
                            -1,
                            here.asSlice(pair[0] * row, row).mismatch(there.asSlice(pair[1] * row, row)),
                            part + " row " + pair[0]);
                }
            }
        }
        JsonNode config =
                new ObjectMapper().readTree(target.resolve("config.json").toFile());
        assertEquals("llama", config.path("model_type").asText());
        assertEquals(64, config.path("head_dim").asInt());
        assertTrue(config.path("tie_word_embeddings").asBoolean());
    }

    @Test
    void textBecomesTheTokensOfTheReference() throws Exception {
        try (GgufFile file = GgufFile.open(VOCABULARY)) {
            ObjectMapper mapper = new ObjectMapper();
            mapper.writeValue(folder.resolve("tokenizer.json").toFile(), GgufTokenizer.of(file));
            mapper.writeValue(folder.resolve("tokenizer_config.json").toFile(), GgufTokenizer.config(file));
        }
        Tokenizer tokenizer = Tokenizer.open(folder);
        String[] texts =
                Files.readString(VOCABULARY.resolveSibling("gpt-2.gguf.inp")).split("\n__ggml_vocab_test__\n", -1);
        List<String> lines = Files.readAllLines(VOCABULARY.resolveSibling("gpt-2.gguf.out"));
        assertTrue(
                texts.length >= lines.size() && lines.size() > 40, texts.length + " texts, " + lines.size() + " lines");
        for (int i = 0; i < lines.size(); i++) {
            int[] wanted = Stream.of(lines.get(i).strip().split(" "))
                    .filter(word -> !word.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            assertArrayEquals(wanted, ids(tokenizer, texts[i]), "text " + i + ": " + texts[i]);
        }
    }

    private static int[] ids(Tokenizer tokenizer, String text) throws EngineException {
        return tokenizer.encode(text);
    }

    @Test
    void partsAreOneModel() throws Exception {
        GgufBytes whole = llama(GgufType.Q8_0, "qwen3");
        byte[] file = whole.build();
        Files.write(folder.resolve("m-00001-of-00002.gguf"), file);
        EngineException missing = assertThrows(
                EngineException.class,
                () -> GgufConverter.convert(folder.resolve("m-00001-of-00002.gguf"), folder.resolve("made"), _ -> {}));
        assertTrue(missing.getMessage().contains("part 2 of 2"), missing.getMessage());
        byte[] more = new GgufBytes()
                .with("general.architecture", "qwen3")
                .with(
                        "output.weight",
                        GgufType.Q8_0,
                        GgufDecoderTest.random(GgufType.Q8_0, VOCAB * HIDDEN / 32, 5),
                        VOCAB,
                        HIDDEN)
                .build();
        Files.write(folder.resolve("m-00002-of-00002.gguf"), more);
        assertFalse(Files.exists(folder.resolve("made")));
        GgufConverter.convert(folder.resolve("m-00001-of-00002.gguf"), folder.resolve("made"), _ -> {});
        JsonNode config =
                new ObjectMapper().readTree(folder.resolve("made/config.json").toFile());
        assertFalse(config.path("tie_word_embeddings").asBoolean(true), "the head is in the second part");
    }

    @Test
    void bombsAreRefused() throws Exception {
        byte[] good = llama(GgufType.Q4_0, "qwen3").build();
        Map<String, byte[]> bombs = Map.of(
                "doesn't begin with", with(good, 0, 0x21),
                "version 2 or 3", with(good, 4, 0x77),
                "9223372036854775807 tensors", with(good, 8, 255, 255, 255, 255, 255, 255, 255, 127),
                "18446744073709551615 entries", with(good, 16, 255, 255, 255, 255, 255, 255, 255, 255),
                "4294967295 bytes of text", with(good, 24, 255, 255, 255, 255, 0, 0, 0, 0),
                "more than it can hold", Arrays.copyOf(good, 120),
                "download it again", Arrays.copyOf(good, good.length - 40));
        for (Map.Entry<String, byte[]> bomb : bombs.entrySet()) {
            Path file = folder.resolve("bomb.gguf");
            Files.write(file, bomb.getValue());
            EngineException refusal = assertThrows(EngineException.class, () -> GgufFile.open(file));
            assertTrue(refusal.getMessage().contains(bomb.getKey()), refusal.getMessage());
        }
    }

    private static byte[] with(byte[] bytes, int at, int... values) {
        byte[] copy = bytes.clone();
        for (int i = 0; i < values.length; i++) {
            copy[at + i] = (byte) values[i];
        }
        return copy;
    }

    @Test
    void mutatedFilesAreRefusedOrRead() throws Exception {
        int rounds = Integer.getInteger("atelier.fuzz", 2_000);
        byte[] good = llama(GgufType.Q4_0, "qwen3").build();
        int header = new String(good, StandardCharsets.ISO_8859_1).indexOf("ffn_down.weight") + 4_000;
        Random random = new Random(rounds);
        Path file = folder.resolve("fuzz.gguf");
        int refused = 0;
        for (int round = 0; round < rounds; round++) {
            byte[] bad = Arrays.copyOf(
                    good, random.nextInt(4) == 0 ? random.nextInt(good.length) : Math.min(good.length, header + 8_000));
            for (int flips = random.nextInt(6); flips >= 0 && bad.length > 0; flips--) {
                bad[random.nextInt(Math.min(bad.length, header))] = (byte) random.nextInt();
            }
            Files.write(file, bad);
            try (GgufFile opened = GgufFile.open(file)) {
                GgufConfig.of(opened);
                GgufTokenizer.of(opened);
            } catch (EngineException e) {
                assertTrue(e.getMessage().length() < 2_000 && e.getMessage().endsWith("."), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > rounds / 2, refused + " of " + rounds);
    }
}
