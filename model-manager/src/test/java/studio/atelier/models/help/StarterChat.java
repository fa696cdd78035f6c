package studio.atelier.models.help;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineOptions;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.GenerationRequest;
import studio.atelier.engine.Sampling;
import studio.atelier.engine.Session;
import studio.atelier.engine.chat.Message;

/** The starter model as the program asks it: the help search first, what it found in the system message. */
final class StarterChat implements AutoCloseable {
    private static final int MOST_TOKENS = 400;

    private final Engine engine;
    private final HelpSearch search;

    private StarterChat(Engine engine, HelpSearch search) {
        this.engine = engine;
        this.search = search;
    }

    static StarterChat open(Path folder) throws IOException, EngineException {
        return open(folder, BackendChoice.AUTOMATIC);
    }

    static StarterChat open(Path folder, BackendChoice backend) throws IOException, EngineException {
        EngineOptions options = EngineOptions.defaults().withBackend(backend);
        return new StarterChat(Engine.open(folder, options, _ -> {}), HelpSearch.open());
    }

    Optional<HelpHit> find(String question) {
        return search.find(question);
    }

    /** The likeliest answer, with what the search finds. */
    String answer(String question) throws EngineException {
        return answer(question, find(question).map(HelpHit::instruction));
    }

    /** The likeliest answer with a system message of one's own. */
    String answer(String question, Optional<String> instruction) throws EngineException {
        List<Message> messages = new ArrayList<>();
        instruction.ifPresent(text -> messages.add(Message.system(text)));
        messages.add(Message.user(question));
        StringBuilder answer = new StringBuilder();
        CompletableFuture<Optional<EngineException>> ended = new CompletableFuture<>();
        try (Session session = engine.newSession()) {
            session.generate(GenerationRequest.of(messages, Sampling.greedy(), MOST_TOKENS), event -> {
                switch (event) {
                    case GenerationEvent.Text text -> answer.append(text.text());
                    case GenerationEvent.Finished _ -> ended.complete(Optional.empty());
                    case GenerationEvent.Failed failed -> ended.complete(Optional.of(failed.cause()));
                    case GenerationEvent.Reading _, GenerationEvent.Reasoning _ -> {}
                    case GenerationEvent.ToolCall _, GenerationEvent.Written _ -> {}
                }
            });
            Optional<EngineException> failure = ended.join();
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
        return answer.toString();
    }

    @Override
    public void close() {
        engine.close();
    }
}
