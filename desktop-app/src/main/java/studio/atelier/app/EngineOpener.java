package studio.atelier.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import studio.atelier.app.running.Dialogue;
import studio.atelier.app.running.ModelOpener;
import studio.atelier.app.running.OpenModel;
import studio.atelier.app.running.Question;
import studio.atelier.cli.GpuGate;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.EngineOptions;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.GenerationRequest;
import studio.atelier.engine.GpuTrial;
import studio.atelier.engine.LoadProgress;
import studio.atelier.engine.ModelInfo;
import studio.atelier.engine.Sampling;
import studio.atelier.engine.Session;
import studio.atelier.engine.SnapshotFolder;
import studio.atelier.engine.chat.Message;
import studio.atelier.models.store.StarterModel;

/**
 * Opens models with the engine. The model that comes with the program is known by one folder whatever its version; where
 * its files lie is found out, and they are laid out, when it is opened.
 */
final class EngineOpener implements ModelOpener {
    private final Path dataFolder;
    private final GpuTrial gpu;
    private volatile Consumer<String> processorTakesOver = _ -> {};

    EngineOpener(Path dataFolder) {
        this.dataFolder = dataFolder;
        this.gpu = GpuGate.trial(dataFolder);
    }

    /** The folder by which the model that comes with the program is known, when there is one. */
    static Optional<Path> included(Path dataFolder) {
        return StarterModel.isIncluded() ? Optional.of(place(dataFolder)) : Optional.empty();
    }

    private static Path place(Path dataFolder) {
        return dataFolder.resolve("included").resolve(StarterModel.NAME);
    }

    @Override
    public OpenModel open(Path folder, CacheChoice cache, Consumer<LoadProgress> progress) throws EngineException {
        Path files = folder.equals(place(dataFolder)) ? laidOut() : folder;
        EngineOptions options = options();
        BackendChoice backend = gpu.choose(options.backend(), reason -> processorTakesOver.accept(reason));
        // A GPU knows one way only, and nobody in the window chose it.
        CacheChoice known = backend == BackendChoice.CPU ? cache : CacheChoice.AUTOMATIC;
        Engine engine = Engine.open(files, options.withBackend(backend).withCache(known), progress);
        engine.whenProcessorTakesOver(reason -> processorTakesOver.accept(reason));
        return new Opened(engine, folder);
    }

    @Override
    public void whenProcessorTakesOver(Consumer<String> told) {
        processorTakesOver = told;
    }

    /** Conversations that are opened again need not be read again. */
    private EngineOptions options() {
        return EngineOptions.defaults().withSnapshots(SnapshotFolder.in(dataFolder.resolve("cache/conversations")));
    }

    private Path laidOut() throws EngineException {
        try {
            return StarterModel.layOut(dataFolder)
                    .orElseThrow(() -> new EngineException(
                            Reason.MODEL_FOLDER_INCOMPLETE, "This build of Atelier comes without a model."));
        } catch (IOException e) {
            throw new EngineException(Reason.MODEL_FOLDER_INCOMPLETE, String.valueOf(e.getMessage()), e);
        }
    }

    private record Opened(Engine engine, Path folder) implements OpenModel {
        @Override
        public ModelInfo info() {
            ModelInfo info = engine.info();
            return new ModelInfo(
                    folder,
                    String.valueOf(folder.getFileName()),
                    info.architecture(),
                    info.quantization(),
                    info.contextLimit(),
                    info.weightBytes(),
                    info.backend(),
                    info.reasons());
        }

        @Override
        public Dialogue newDialogue() {
            return new Conversing(engine, engine.newSession());
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    private record Conversing(Engine engine, Session session) implements Dialogue {
        @Override
        public void answer(Question question, Consumer<GenerationEvent> sink) {
            List<Message> messages =
                    question.turns().stream().map(Conversing::message).toList();
            // Whoever changed nothing gets what the model's publisher recommends.
            Sampling sampling =
                    question.sampling().equals(Sampling.chat()) ? engine.recommendedSampling() : question.sampling();
            session.generate(GenerationRequest.of(messages, sampling, question.answerLimit()), sink);
        }

        private static Message message(Question.Turn turn) {
            return switch (turn.role()) {
                case SYSTEM -> Message.system(turn.text());
                case PERSON -> Message.user(turn.text());
                case MODEL -> Message.assistant(turn.text());
            };
        }

        @Override
        public void cancel() {
            session.cancel();
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
