package studio.atelier.engine.image;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.CodeSampler;
import studio.atelier.engine.models.Janus;
import studio.atelier.engine.tensor.Tensor;

/** A picture of Janus: one code a step, row by row, then the decoder. */
final class JanusDrawing implements Drawing {
    static final double GUIDANCE = 5;
    static final double TEMPERATURE = 1;

    /** Rows are decoded on the way only as long as that takes less than this share of the time. */
    private static final double GLIMPSE_SHARE = 0.2;

    private final Janus janus;
    private final String name;
    private final PictureRequest request;
    private final Optional<JanusSource> source;
    private final long seed;
    private final double guidance;
    private final double temperature;
    private final Trace trace;
    private final Pulse pulse;
    private final RandomGenerator random;
    private final int[] prompt;
    private final int[] emptyPrompt;
    private final KvCache cache;
    private final KvCache emptyCache;
    private final float[] with;
    private final float[] without;
    private final int[] codes;
    private int drawn;
    private boolean read;
    private int shownRows;
    private long glimpseNanos;
    private final long began = System.nanoTime();

    JanusDrawing(
            Janus janus,
            String name,
            JanusPrompt words,
            PictureRequest request,
            Optional<JanusSource> source,
            long seed,
            Trace trace,
            Pulse pulse) {
        this.source = source;
        this.pulse = pulse;
        this.janus = janus;
        this.name = name;
        this.request = request;
        this.seed = seed;
        this.guidance = request.guidance().orElse(GUIDANCE);
        this.temperature = request.temperature().orElse(TEMPERATURE);
        this.trace = trace;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.prompt = words.drawing(request.words());
        this.emptyPrompt = CodeSampler.withoutPrompt(prompt, words.pad());
        this.cache = janus.language().newCache();
        this.emptyCache = janus.language().newCache();
        this.with = new float[janus.codes()];
        this.without = new float[janus.codes()];
        this.codes = new int[janus.grid() * janus.grid()];
        trace.put("prompt_ids", prompt);
    }

    /** Tokens that the prompt takes. */
    int promptTokens() {
        return prompt.length;
    }

    @Override
    public boolean step() {
        if (!read) {
            janus.readPrompt(prompt, cache, with);
            if (guided()) {
                janus.readPrompt(emptyPrompt, emptyCache, without);
            }
            read = true;
            return true;
        }
        float[] mixed = guided() ? CodeSampler.guide(with, without, guidance) : with;
        trace.append("cond", with);
        if (guided()) {
            trace.append("uncond", without);
            trace.append("mixed", mixed);
        }
        int code = next(mixed);
        codes[drawn++] = code;
        if (drawn == codes.length) {
            trace.put("tokens", codes);
            return false;
        }
        janus.readCode(code, cache, with);
        if (guided()) {
            janus.readCode(code, emptyCache, without);
        }
        return true;
    }

    private int next(float[] mixed) {
        double point = random.nextDouble();
        return source.flatMap(from -> from.kept(drawn).stream().boxed().findFirst())
                .orElseGet(() -> CodeSampler.draw(
                        source.map(from -> from.biased(mixed, drawn)).orElse(mixed), temperature, point));
    }

    /** With a weight of 1 nothing is left of the reading without the prompt. */
    private boolean guided() {
        return guidance != 1;
    }

    @Override
    public double done() {
        return (double) drawn / codes.length;
    }

    @Override
    public Optional<Picture> glimpse() {
        int rows = drawn / janus.grid();
        long now = System.nanoTime();
        if (rows <= shownRows || rows == janus.grid() || glimpseNanos > GLIMPSE_SHARE * (now - began)) {
            return Optional.empty();
        }
        Optional<Picture> shown = partial();
        glimpseNanos += System.nanoTime() - now;
        return shown;
    }

    @Override
    public Optional<Picture> partial() {
        int rows = drawn / janus.grid();
        if (rows == 0) {
            return Optional.empty();
        }
        shownRows = rows;
        Picture top = decoded(rows);
        int[] pixels = Arrays.copyOf(top.pixels(), janus.pixels() * janus.pixels());
        Picture shown = Picture.of(janus.pixels(), janus.pixels(), pixels);
        return Optional.of(
                source.map(from -> from.with(shown, rows, janus.grid())).orElse(shown));
    }

    @Override
    public Picture picture() {
        Picture whole = decoded(janus.grid());
        return source.map(from -> from.with(whole, janus.grid(), janus.grid())).orElse(whole);
    }

    private Picture decoded(int rows) {
        int grid = janus.grid();
        Tensor made = janus.decoder().decode(Arrays.copyOf(codes, rows * grid), rows, grid, pulse);
        float[] numbers = new float[made.shape().size()];
        made.copyTo(numbers);
        if (rows == grid) {
            trace.put("image", numbers, made.shape().axis(0), made.shape().axis(1), 3);
        }
        return Picture.ofNumbers(made.shape().axis(1), made.shape().axis(0), numbers);
    }

    @Override
    public Provenance provenance() {
        return new Provenance(
                request.prompt(),
                name,
                seed,
                janus.pixels(),
                janus.pixels(),
                0,
                guidance,
                "",
                request.told(),
                "none",
                List.of());
    }
}
