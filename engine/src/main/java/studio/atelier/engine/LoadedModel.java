package studio.atelier.engine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.backend.cpu.Cores;
import studio.atelier.engine.cache.SnapshotStore;
import studio.atelier.engine.chat.ChatTemplate;
import studio.atelier.engine.generate.Generator;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.generate.Timeline;
import studio.atelier.engine.generate.Together;
import studio.atelier.engine.generate.TokenChoice;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tokenizer.Tokenizer;

/** Everything that an open model consists of. Belongs to the engine thread, but for {@link #bringIn} and the values. */
final class LoadedModel implements AutoCloseable {
    private final ModelFolder folder;
    private final Backend backend;
    private final CausalModel model;
    private final Tokenizer tokenizer;
    private final Prompting prompting;
    private final Set<Integer> endTokens;
    private final Sampling recommendedSampling;
    private final ModelInfo info;
    private volatile Consumer<String> processorTakesOver = _ -> {};
    private boolean troubleTold;

    private LoadedModel(
            ModelFolder folder, Backend backend, Tokenizer tokenizer, Optional<ChatTemplate> template, int askedTokens)
            throws EngineException {
        this.folder = folder;
        this.backend = backend;
        this.tokenizer = tokenizer;
        this.model = folder.load(backend);
        this.prompting = new Prompting(tokenizer, template, model.vocabularySize());
        this.endTokens = EndTokens.of(folder.generationConfig(), tokenizer, template);
        this.recommendedSampling = RecommendedSampling.of(folder.generationConfig());
        this.info = new ModelInfo(
                folder.path(),
                folder.name(),
                folder.architecture(),
                folder.quantization(),
                folder.contextTokens(model, askedTokens),
                folder.sizeBytes(),
                backend.description(),
                template.map(ChatTemplate::knowsThinking).orElse(false));
    }

    /** Reads and checks everything; nothing is decoded. */
    static LoadedModel open(Path path, EngineOptions options) throws EngineException {
        ModelFolder folder = ModelFolder.open(path);
        Backend backend = null;
        boolean opened = false;
        try {
            Tokenizer tokenizer = Tokenizer.open(path);
            Optional<ChatTemplate> template = template(path);
            backend = Backends.of(options.backend(), Cores.physical(), options.cache());
            LoadedModel loaded = new LoadedModel(folder, backend, tokenizer, template, options.contextLimit());
            opened = true;
            return loaded;
        } finally {
            if (!opened) {
                if (backend != null) {
                    backend.close();
                }
                folder.close();
            }
        }
    }

    static void check(Path path) throws EngineException {
        try (ModelFolder folder = ModelFolder.openOnAnyMachine(path);
                Backend backend = Backends.of(BackendChoice.SCALAR)) {
            folder.load(backend);
        }
    }

    static Optional<ChatTemplate> template(Path path) throws EngineException {
        try {
            return Optional.of(ChatTemplate.open(path));
        } catch (EngineException e) {
            if (e.reason() == Reason.MODEL_FOLDER_INCOMPLETE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    void whenProcessorTakesOver(Consumer<String> told) {
        processorTakesOver = told;
    }

    /** Tells of what befell the backend since it was last asked. */
    void tellTrouble() {
        Optional<String> trouble = troubleTold ? Optional.empty() : backend.trouble();
        if (trouble.isPresent()) {
            troubleTold = true;
            processorTakesOver.accept(trouble.get());
        }
    }

    /** Reads the weights from the disk; on any thread, before the model is used. */
    void bringIn(Consumer<LoadProgress> progress) throws EngineException {
        folder.bringIn((read, total) -> progress.accept(new LoadProgress(read, total)));
    }

    ModelInfo info() {
        return info;
    }

    Sampling recommendedSampling() {
        return recommendedSampling;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    Prompting prompting() {
        return prompting;
    }

    /** Where conversations are kept, when that was asked for and this processor can. */
    Optional<SnapshotStore> snapshots(EngineOptions options) {
        if (!backend.keepsCaches()) {
            return Optional.empty();
        }
        return options.snapshots()
                .flatMap(kept -> ModelIdentity.of(folder.path(), options.backend(), options.cache())
                        .map(identity -> new SnapshotStore(kept.folder(), kept.mostBytes(), identity)));
    }

    /** What reads for several sessions at once. */
    Together together() {
        return new Together(model);
    }

    Timeline newTimeline() {
        return new Timeline(model, info.contextLimit());
    }

    Generator newGenerator(Timeline timeline, int[] prompt, GenerationRequest request) throws EngineException {
        if (prompt.length >= timeline.limitTokens()) {
            throw new EngineException(
                    Reason.CONTEXT_TOO_LONG,
                    "The conversation has " + prompt.length + " tokens and the model's context holds "
                            + timeline.limitTokens() + "; begin a new one, or shorten what was asked.");
        }
        Sampling sampling = request.sampling();
        TokenChoice choice = new TokenChoice(
                sampling.temperature(),
                sampling.topK(),
                sampling.topP(),
                sampling.minP(),
                sampling.repetitionPenalty(),
                sampling.presencePenalty());
        Sampler sampler = new Sampler(choice, model.vocabularySize(), seed(sampling.seed()));
        return new Generator(timeline, prompt, sampler, endTokens, request.maxTokens());
    }

    private static long seed(OptionalLong wanted) {
        return wanted.orElseGet(() -> RandomGenerator.getDefault().nextLong());
    }

    @Override
    public void close() {
        backend.close();
        folder.close();
    }
}
