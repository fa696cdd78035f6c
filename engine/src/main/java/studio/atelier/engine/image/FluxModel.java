package studio.atelier.engine.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.generate.FlowSampler;
import studio.atelier.engine.generate.FlowSampler.Grid;
import studio.atelier.engine.loading.Component;
import studio.atelier.engine.models.FlowSchedule;
import studio.atelier.engine.models.Flux2Autoencoder;
import studio.atelier.engine.models.Flux2Text;
import studio.atelier.engine.models.Flux2Transformer;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tokenizer.Tokenizer;
import studio.atelier.engine.weights.ModelConfig;

/** An open FLUX.2 klein in the folders of diffusers: {@code tokenizer}, {@code text_encoder}, {@code transformer}, {@code vae}. */
final class FluxModel implements PictureModel {
    private static final int DISTILLED_STEPS = 4;
    private static final int BASE_STEPS = 50;
    private static final double BASE_GUIDANCE = 4;
    private static final int USUAL_PIXELS = 1 << 20;
    private static final int MOST_PIXELS = 1 << 22;

    private final PictureModelInfo info;
    private final List<Component> components;
    private final Tokenizer tokenizer;
    private final Flux2Text text;
    private final Flux2Transformer transformer;
    private final Flux2Autoencoder autoencoder;
    private final boolean distilled;

    private FluxModel(
            PictureModelInfo info,
            List<Component> components,
            Tokenizer tokenizer,
            Flux2Text text,
            Flux2Transformer transformer,
            Flux2Autoencoder autoencoder,
            boolean distilled) {
        this.info = info;
        this.components = components;
        this.tokenizer = tokenizer;
        this.text = text;
        this.transformer = transformer;
        this.autoencoder = autoencoder;
        this.distilled = distilled;
    }

    static FluxModel open(Path folder, String name, Backend backend) throws EngineException {
        ModelConfig index = ModelConfig.read(folder.resolve("model_index.json"));
        String pipeline = index.text("_class_name", "");
        if (!pipeline.startsWith("Flux2")) {
            throw new EngineException(
                    Reason.ARCHITECTURE_UNKNOWN,
                    "The model in " + folder + " is a \"" + pipeline
                            + "\", which Atelier can't run; of models in several folders it runs FLUX.2 klein.");
        }
        Tokenizer tokenizer = Tokenizer.open(folder.resolve("tokenizer"));
        List<Component> opened = new ArrayList<>();
        try {
            Component encoder = open(folder.resolve("text_encoder"), opened);
            Component transformer = open(folder.resolve("transformer"), opened);
            Component vae = open(folder.resolve("vae"), opened);
            for (Component component : opened) {
                component.adoptBy(backend);
            }
            PictureModules modules = modules(backend, transformer);
            FluxModel model = new FluxModel(
                    new PictureModelInfo(name, "FLUX.2 klein", backend.description(), true, false, false),
                    opened,
                    tokenizer,
                    Flux2Text.load(encoder.config(), new Modules(backend, encoder.weights()), modules.pictures()),
                    Flux2Transformer.load(transformer.config(), modules),
                    Flux2Autoencoder.load(vae.config(), modules(backend, vae)),
                    index.flag("is_distilled", true));
            encoder.requireAllUsed("Qwen3");
            transformer.requireAllUsed("FLUX.2");
            vae.requireAllUsed("FLUX.2");
            model.requireFitting();
            return model;
        } catch (EngineException | RuntimeException e) {
            opened.forEach(Component::close);
            throw e;
        }
    }

    private static Component open(Path folder, List<Component> opened) throws EngineException {
        Component component = Component.open(folder);
        opened.add(component);
        return component;
    }

    private static PictureModules modules(Backend backend, Component component) throws EngineException {
        return PictureModules.over(new Modules(backend, component.weights()));
    }

    /** The three parts may come from different downloads. */
    private void requireFitting() throws EngineException {
        if (text.width() != transformer.textWidth() || autoencoder.channels() != transformer.channels()) {
            throw new EngineException(
                    Reason.CONFIG_INVALID,
                    "The parts of the model don't fit together: the text has " + text.width() + " numbers a row and "
                            + transformer.textWidth() + " are expected, a picture's token " + autoencoder.channels()
                            + " and " + transformer.channels() + " are expected; download the model again.");
        }
    }

    @Override
    public PictureModelInfo info() {
        return info;
    }

    @Override
    public Drawing begin(PictureRequest request, long seed, Trace trace, Pulse pulse) throws EngineException {
        if (request.background() instanceof Background.Transparent) {
            throw refused("FLUX.2 can't draw transparency; leave the background to it");
        }
        if (request.retouch().isPresent()) {
            throw refused("FLUX.2 takes no mask and no source bias; say in words which part is to change");
        }
        List<Picture> sources = request.sources().stream()
                .map(source -> cropped(source.picture()))
                .toList();
        PictureSize size = size(request, sources);
        int step = autoencoder.pixelsPerToken();
        int rows = size.height() / step;
        int columns = size.width() / step;
        int steps = request.steps().orElse(distilled ? DISTILLED_STEPS : BASE_STEPS);
        double weight = request.guidance().orElse(distilled ? 1 : BASE_GUIDANCE);
        List<Grid> grids = sources.stream()
                .map(source -> new Grid(source.height() / step, source.width() / step))
                .toList();
        float[] noise = noise(rows * columns, seed);
        float[] words = read(request.words(), pulse);
        Optional<FlowSampler.Guidance> guidance =
                weight == 1 ? Optional.empty() : Optional.of(new FlowSampler.Guidance(read("", pulse), weight));
        trace.put("noise", noise, rows * columns, transformer.channels());
        trace.put("text", words, FluxPrompt.ROWS, transformer.textWidth());
        FlowSampler sampler = new FlowSampler(
                transformer,
                noise,
                references(sources, pulse),
                words,
                guidance,
                FlowSampler.positions(FluxPrompt.ROWS, rows, columns, grids),
                FlowSchedule.of(rows * columns, steps));
        return new FluxDrawing(
                sampler,
                autoencoder,
                rows,
                columns,
                steps * transformer.blocks() * (weight == 1 ? 1 : 2),
                FluxDrawing.provenance(request, info.name(), seed, size.width(), size.height(), steps, weight),
                trace,
                pulse);
    }

    private float[] read(String prompt, Pulse pulse) throws EngineException {
        FluxPrompt read = FluxPrompt.of(prompt, tokenizer);
        return text.read(read.tokens(), read.real(), pulse);
    }

    private float[] references(List<Picture> sources, Pulse pulse) {
        List<float[]> parts = new ArrayList<>();
        int count = 0;
        for (Picture source : sources) {
            float[] tokens = autoencoder.encode(source.numbers(), source.height(), source.width(), pulse);
            parts.add(tokens);
            count += tokens.length;
        }
        float[] all = new float[count];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private float[] noise(int tokens, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        float[] noise = new float[tokens * transformer.channels()];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        return noise;
    }

    /** At most a million pixels, sides cut to whole tokens. */
    private Picture cropped(Picture picture) {
        int step = autoencoder.pixelsPerToken();
        double factor = Math.min(1, Math.sqrt((double) USUAL_PIXELS / ((double) picture.width() * picture.height())));
        int width = Math.max(step, (int) Math.round(picture.width() * factor));
        int height = Math.max(step, (int) Math.round(picture.height() * factor));
        return Scaling.cut(Scaling.scaled(picture, width, height), width / step * step, height / step * step);
    }

    private PictureSize size(PictureRequest request, List<Picture> sources) throws EngineException {
        int step = autoencoder.pixelsPerToken();
        if (request.size().isEmpty() && !sources.isEmpty()) {
            return new PictureSize(
                    sources.getFirst().width(), sources.getFirst().height(), false);
        }
        PictureSize wanted = request.size().orElse(PictureSize.SQUARE);
        if (wanted.ratio()) {
            double side = Math.sqrt((double) USUAL_PIXELS / ((double) wanted.width() * wanted.height()));
            int width = Math.max(step, (int) (wanted.width() * side) / step * step);
            int height = Math.max(step, (int) (wanted.height() * side) / step * step);
            return new PictureSize(width, height, false);
        }
        if (wanted.width() % step != 0 || wanted.height() % step != 0) {
            throw refused("FLUX.2 makes sides in steps of " + step + " pixels, not " + wanted + "; the nearest is "
                    + Math.max(step, Math.round((float) wanted.width() / step) * step) + " × "
                    + Math.max(step, Math.round((float) wanted.height() / step) * step));
        }
        if ((long) wanted.width() * wanted.height() > MOST_PIXELS) {
            throw refused("FLUX.2 makes at most " + MOST_PIXELS / 1_000_000 + " million pixels, not " + wanted);
        }
        return wanted;
    }

    private static EngineException refused(String what) {
        return new EngineException(Reason.REQUEST_UNSUPPORTED, what + ".");
    }

    @Override
    public void close() {
        components.forEach(Component::close);
    }
}
