package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.CodeSampler;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.loading.Component;
import studio.atelier.engine.models.Janus;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.models.VqConfig;
import studio.atelier.engine.models.VqDecoder;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Tensor;

/** Janus against its published classes in float32: text, codes step by step, pictures stage by stage, what is seen. */
abstract class JanusGolden {
    private static final float TOLERANCE = 1e-4f;
    private static final float PICTURE_TOLERANCE = 1e-3f;
    private static final String FOLDER = "image/janus-tiny";
    private static final int PAD = 0;
    private static final int PLACEHOLDER = 5;

    @FunctionalInterface
    private interface Check {
        void on(Janus janus, GoldenFile golden) throws Exception;
    }

    /** What is to compute it, each; whoever asked closes them. */
    abstract List<Backend> backends() throws Exception;

    private void onEach(Check check) throws Exception {
        for (Backend each : backends()) {
            try (Backend backend = each;
                    Component component = Component.open(GoldenFile.path(FOLDER));
                    GoldenFile golden = GoldenFile.open(FOLDER + "/golden.safetensors")) {
                Janus janus = Janus.load(component.config(), new Modules(backend, component.weights()));
                component.requireAllUsed("Janus");
                check.on(janus, golden);
            }
        }
    }

    @Test
    void writesTextAsItsLlamaDoes() throws Exception {
        onEach((janus, golden) -> {
            int[] tokens = golden.ints("text.input_ids");
            int size = janus.language().vocabularySize();
            float[] logits = new float[tokens.length * size];
            KvCache cache = janus.language().newCache();
            janus.language().forward(tokens, cache, LogitRows.ALL, logits);
            near(golden.floats("text.logits"), logits, TOLERANCE);
            float[] last = Arrays.copyOfRange(logits, logits.length - size, logits.length);
            int[] whole = golden.ints("text.greedy_ids");
            assertArrayEquals(tokens, Arrays.copyOf(whole, tokens.length));
            for (int i = tokens.length; i < whole.length; i++) {
                int token = Sampler.likeliest(last);
                assertEquals(whole[i], token);
                janus.language().forward(new int[] {token}, cache, LogitRows.LAST, last);
            }
        });
    }

    @Test
    void choosesTheLikeliestCodesWithoutGuidance() throws Exception {
        onEach((janus, golden) -> {
            int[] expected = golden.ints("gen.greedy_nocfg.tokens");
            float[] table = golden.floats("gen.greedy_nocfg.logits");
            KvCache cache = janus.language().newCache();
            float[] logits = new float[janus.codes()];
            janus.readPrompt(golden.ints("gen.prompt_ids"), cache, logits);
            for (int i = 0; i < expected.length; i++) {
                near(row(table, i, janus.codes()), logits, TOLERANCE);
                int code = Sampler.likeliest(logits);
                assertEquals(expected[i], code);
                janus.readCode(code, cache, logits);
            }
        });
    }

    @Test
    void choosesTheLikeliestCodesUnderGuidance() throws Exception {
        onEach((janus, golden) -> {
            int[] expected = golden.ints("gen.greedy_cfg5.tokens");
            Guided guided = new Guided(janus, golden.ints("gen.prompt_ids"));
            for (int i = 0; i < expected.length; i++) {
                near(row(golden.floats("gen.greedy_cfg5.cond"), i, janus.codes()), guided.with, TOLERANCE);
                near(row(golden.floats("gen.greedy_cfg5.uncond"), i, janus.codes()), guided.without, TOLERANCE);
                float[] mixed = CodeSampler.guide(guided.with, guided.without, 5);
                // Guidance multiplies what rounding has left of the difference by five.
                near(row(golden.floats("gen.greedy_cfg5.mixed"), i, janus.codes()), mixed, 5 * TOLERANCE);
                int code = Sampler.likeliest(mixed);
                assertEquals(expected[i], code);
                guided.read(code);
            }
        });
    }

    @Test
    void drawsTheSameCodesAtTheSamePoints() throws Exception {
        onEach((janus, golden) -> {
            int[] expected = golden.ints("gen.sample_cfg2_t08.tokens");
            float[] points = golden.floats("gen.sample.u");
            Guided guided = new Guided(janus, golden.ints("gen.prompt_ids"));
            int[] drawn = new int[expected.length];
            for (int i = 0; i < expected.length; i++) {
                drawn[i] = CodeSampler.draw(CodeSampler.guide(guided.with, guided.without, 2), 0.8, points[i]);
                guided.read(drawn[i]);
            }
            assertArrayEquals(expected, drawn);
        });
    }

    @Test
    void decodesStageByStage() throws Exception {
        onEach((janus, golden) -> {
            Map<String, Tensor> reached = new HashMap<>();
            int grid = janus.grid();
            janus.decoder().decode(golden.ints("vq.arange.codes"), grid, grid, reached::put);
            for (String stage : List.of("zq", "post_quant", "conv_in", "mid0", "mid1", "mid2", "block0", "block1")) {
                near(golden.floats("vq.arange." + stage), planes(reached.get(stage)), TOLERANCE);
            }
            for (String name : List.of("arange", "greedy_cfg5", "sample")) {
                Tensor picture =
                        janus.decoder().decode(golden.ints("vq." + name + ".codes"), grid, grid, Stages.Watcher.NONE);
                near(golden.floats("vq." + name + ".image"), planes(picture), PICTURE_TOLERANCE);
            }
        });
    }

    @Test
    void encodesToTheSameCodes() throws Exception {
        onEach((janus, golden) -> {
            Map<String, Tensor> reached = new HashMap<>();
            int side = janus.pixels();
            float[] pixels = pixels(golden.floats("enc.image"), side, side);
            int[] codes = janus.encoder().encode(pixels, side, side, reached::put);
            near(golden.floats("enc.prequant"), planes(reached.get("prequant")), TOLERANCE);
            assertArrayEquals(golden.ints("enc.codes"), codes);
        });
    }

    @Test
    void seesAndTellsWhatItSees() throws Exception {
        onEach((janus, golden) -> {
            float[] pixels = pixels(golden.floats("enc.image"), janus.pixels(), janus.pixels());
            Janus.Seen seen = janus.look(pixels);
            near(golden.floats("und.siglip"), seen.features(), TOLERANCE);
            near(golden.floats("und.aligned"), seen.aligned(), TOLERANCE);
            int[] tokens = golden.ints("und.input_ids");
            int first = 0;
            while (tokens[first] != PLACEHOLDER) {
                first++;
            }
            float[] logits = new float[janus.language().vocabularySize()];
            KvCache cache = janus.language().newCache();
            janus.readPicture(
                    Arrays.copyOf(tokens, first),
                    pixels,
                    Arrays.copyOfRange(tokens, first + janus.seenTokens(), tokens.length),
                    cache,
                    logits);
            near(golden.floats("und.last_logits"), logits, TOLERANCE);
            assertEquals(tokens.length, cache.length());
        });
    }

    @Test
    void decodesAnUnmodifiedDecoderOnAGridThatIsNoSquare() throws Exception {
        String folder = "image/janus-vq32";
        VqConfig config = new VqConfig(32, List.of(1, 2), 1, 32, 256, 8, 32);
        for (Backend each : backends()) {
            try (Backend backend = each;
                    Component component = Component.open(
                            GoldenFile.path(folder + "/model.safetensors"),
                            GoldenFile.config(folder + "/config.json"));
                    GoldenFile golden = GoldenFile.open(folder + "/golden.safetensors")) {
                PictureModules modules = PictureModules.over(new Modules(backend, component.weights()));
                VqDecoder decoder = VqDecoder.load(config, modules.part("gen_vision_model."));
                component.requireAllUsed("VQ decoder");
                Map<String, Tensor> reached = new HashMap<>();
                Tensor picture = decoder.decode(golden.ints("codes"), 6, 8, reached::put);
                near(golden.floats("zq"), planes(reached.get("zq")), TOLERANCE);
                near(golden.floats("image"), planes(picture), PICTURE_TOLERANCE);
            }
        }
    }

    @Test
    void readsHuggingFacesConversionAlike(@TempDir Path folder) throws Exception {
        ConvertedJanus.layOut(GoldenFile.path(FOLDER), folder);
        try (Backend backend = backends().getLast();
                Component component = Component.open(folder);
                GoldenFile golden = GoldenFile.open(FOLDER + "/golden.safetensors")) {
            Janus janus = Janus.load(component.config(), new Modules(backend, component.weights()));
            component.requireAllUsed("Janus");
            int[] expected = golden.ints("gen.greedy_cfg5.tokens");
            Guided guided = new Guided(janus, golden.ints("gen.prompt_ids"));
            for (int i = 0; i < expected.length; i++) {
                near(row(golden.floats("gen.greedy_cfg5.cond"), i, janus.codes()), guided.with, TOLERANCE);
                int code = Sampler.likeliest(CodeSampler.guide(guided.with, guided.without, 5));
                assertEquals(expected[i], code);
                guided.read(code);
            }
            int[] drawn = golden.ints("vq.greedy_cfg5.codes");
            Tensor picture = janus.decoder().decode(drawn, janus.grid(), janus.grid(), Stages.Watcher.NONE);
            near(golden.floats("vq.greedy_cfg5.image"), planes(picture), PICTURE_TOLERANCE);
            float[] pixels = pixels(golden.floats("enc.image"), janus.pixels(), janus.pixels());
            int[] codes = janus.encoder().encode(pixels, janus.pixels(), janus.pixels(), Stages.Watcher.NONE);
            assertArrayEquals(golden.ints("enc.codes"), codes);
            near(golden.floats("und.aligned"), janus.look(pixels).aligned(), TOLERANCE);
        }
    }

    /**
     * A language model of 32 numbers a state leaves more of each rounding than one of 2,048 does: all of it in 4 bits is at
     * 0.96 and 0.97, and would be at 0.975 if scale and bias of each group were those of the least squared error. With
     * attention and head in 6 and the embedding in 8, as {@code studio quantize} makes a Janus, it is above 0.98.
     */
    @ParameterizedTest(name = "{0} bits, attention {1}, embedding {2}, head {3}: cosine above {4}")
    @CsvSource({"4, 4, 4, 4, 0.95", "4, 6, 8, 6, 0.98", "8, 8, 8, 8, 0.999"})
    void readsFewerBitsNearlyAlike(
            int feedForward, int attention, int embedding, int head, double least, @TempDir Path folder)
            throws Exception {
        FewerBits.Bits bits = new FewerBits.Bits(feedForward, attention, embedding, head);
        FewerBits.layOut(GoldenFile.path(FOLDER), folder, "language_model.", bits);
        likeness(folder, least);
    }

    @Test
    void readsHalvesNearlyAlike(@TempDir Path folder) throws Exception {
        Files.copy(GoldenFile.path(FOLDER).resolve("config.json"), folder.resolve("config.json"));
        FewerBits.halve(GoldenFile.path(FOLDER).resolve("model.safetensors"), folder.resolve("model.safetensors"));
        likeness(folder, 0.999);
    }

    /** Compares all rows of logits, of text and of a whole picture, and the picture of its codes. */
    private void likeness(Path folder, double least) throws Exception {
        try (Backend backend = backends().getLast();
                Component component = Component.open(folder);
                GoldenFile golden = GoldenFile.open(FOLDER + "/golden.safetensors")) {
            Janus janus = Janus.load(component.config(), new Modules(backend, component.weights()));
            component.requireAllUsed("Janus");
            int[] tokens = golden.ints("text.input_ids");
            float[] text = new float[tokens.length * janus.language().vocabularySize()];
            janus.language().forward(tokens, janus.language().newCache(), LogitRows.ALL, text);
            alike(golden.floats("text.logits"), text, least);
            int[] codes = golden.ints("gen.greedy_cfg5.tokens");
            Guided guided = new Guided(janus, golden.ints("gen.prompt_ids"));
            float[] with = new float[codes.length * janus.codes()];
            float[] without = with.clone();
            for (int i = 0; i < codes.length; i++) {
                System.arraycopy(guided.with, 0, with, i * janus.codes(), janus.codes());
                System.arraycopy(guided.without, 0, without, i * janus.codes(), janus.codes());
                guided.read(codes[i]);
            }
            alike(golden.floats("gen.greedy_cfg5.cond"), with, least);
            alike(golden.floats("gen.greedy_cfg5.uncond"), without, least);
            Tensor picture = janus.decoder()
                    .decode(golden.ints("vq.greedy_cfg5.codes"), janus.grid(), janus.grid(), Stages.Watcher.NONE);
            near(golden.floats("vq.greedy_cfg5.image"), planes(picture), 10 * PICTURE_TOLERANCE);
        }
    }

    static void alike(float[] expected, float[] got, double least) {
        double likeness = cosine(expected, got);
        assertTrue(likeness > least && likeness < 1, () -> "cosine " + likeness);
    }

    private static double cosine(float[] a, float[] b) {
        double both = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < a.length; i++) {
            both += (double) a[i] * b[i];
            first += (double) a[i] * a[i];
            second += (double) b[i] * b[i];
        }
        return both / Math.sqrt(first * second);
    }

    /** Two texts read side by side: the prompt, and the prompt with all but its ends replaced. */
    private static final class Guided {
        private final Janus janus;
        private final KvCache cache;
        private final KvCache emptyCache;
        private final float[] with;
        private final float[] without;

        Guided(Janus janus, int[] prompt) {
            this.janus = janus;
            this.cache = janus.language().newCache();
            this.emptyCache = janus.language().newCache();
            this.with = new float[janus.codes()];
            this.without = new float[janus.codes()];
            janus.readPrompt(prompt, cache, with);
            janus.readPrompt(CodeSampler.withoutPrompt(prompt, PAD), emptyCache, without);
        }

        void read(int code) {
            janus.readCode(code, cache, with);
            janus.readCode(code, emptyCache, without);
        }
    }

    private static float[] row(float[] table, int row, int width) {
        return Arrays.copyOfRange(table, row * width, (row + 1) * width);
    }

    /** From {@code [Y, X, C]} to {@code [C, Y, X]}. */
    static float[] planes(Tensor tensor) {
        int channels = tensor.shape().width();
        int pixels = tensor.shape().rows();
        float[] numbers = new float[channels * pixels];
        tensor.copyTo(numbers);
        float[] turned = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            turned[i % channels * pixels + i / channels] = numbers[i];
        }
        return turned;
    }

    /** From {@code [3, Y, X]} to {@code [Y, X, 3]}. */
    static float[] pixels(float[] planes, int height, int width) {
        float[] turned = new float[planes.length];
        int count = height * width;
        for (int i = 0; i < planes.length; i++) {
            turned[i % count * 3 + i / count] = planes[i];
        }
        return turned;
    }

    static void near(float[] expected, float[] got, float tolerance) {
        assertEquals(expected.length, got.length);
        float largest = 0;
        for (int i = 0; i < expected.length; i++) {
            float difference = Math.abs(expected[i] - got[i]);
            largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        float found = largest;
        assertTrue(found <= tolerance, () -> "off by " + found);
    }
}
