package studio.atelier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.GenerationRequest;
import studio.atelier.engine.Sampling;
import studio.atelier.engine.Session;
import studio.atelier.engine.Statistics;
import studio.atelier.engine.chat.Message;
import studio.atelier.models.help.HelpHit;

/** Questions and answers in the terminal, each answer shown while it is written. */
final class Dialog implements AutoCloseable {
    /** As shells count a program that was ended by Ctrl-C. */
    private static final int STOPPED = 130;

    private static final int USUAL_MOST_TOKENS = 2048;

    /** What the options say beyond sampling. */
    record Settings(
            String system, int maxTokens, List<String> stopTexts, ObjectNode variables, boolean raw, boolean verbose) {
        static Settings of(Arguments arguments) throws UsageException {
            return new Settings(
                    arguments.text("system").orElse(""),
                    arguments.integer("max-tokens", 1, Integer.MAX_VALUE).orElse(USUAL_MOST_TOKENS),
                    arguments.texts("stop"),
                    PromptCommand.variables(arguments.texts("set")),
                    arguments.has("raw"),
                    arguments.has("verbose"));
        }
    }

    private final Session session;
    private final Sampling sampling;
    private final Settings settings;
    private final Optional<HelpPages> help;
    private final Terminal terminal;
    private final List<Message> said = new ArrayList<>();

    Dialog(Engine engine, Sampling sampling, Settings settings, Optional<HelpPages> help, Terminal terminal) {
        this.session = engine.newSession();
        this.sampling = sampling;
        this.settings = settings;
        this.help = help;
        this.terminal = terminal;
    }

    /** Asks, shows the answer and returns the exit code. */
    int ask(String question) throws EngineException {
        Optional<HelpHit> page = settings.raw ? Optional.empty() : help.flatMap(pages -> pages.about(question));
        GenerationRequest request = request(question, page);
        StringBuilder answer = new StringBuilder();
        CompletableFuture<GenerationEvent> over = new CompletableFuture<>();
        try (Interrupts _ = Interrupts.call(session::cancel)) {
            session.generate(request, event -> show(event, answer, over));
            return end(over.join(), question, answer.toString(), page);
        }
    }

    private GenerationRequest request(String question, Optional<HelpHit> page) {
        if (settings.raw) {
            return GenerationRequest.raw(question, sampling, settings.maxTokens).withStopTexts(settings.stopTexts);
        }
        List<Message> messages = new ArrayList<>();
        String instruction = settings.system.isEmpty() || page.isEmpty()
                ? settings.system + page.map(HelpHit::instruction).orElse("")
                : settings.system + "\n\n" + page.get().instruction();
        if (!instruction.isEmpty()) {
            messages.add(Message.system(instruction));
        }
        messages.addAll(said);
        messages.add(Message.user(question));
        return new GenerationRequest(
                new GenerationRequest.Conversation(messages, Optional.empty(), settings.variables),
                sampling,
                settings.maxTokens,
                settings.stopTexts);
    }

    /** On the engine's thread; the end is looked at by the one who waits. */
    private void show(GenerationEvent event, StringBuilder answer, CompletableFuture<GenerationEvent> over) {
        switch (event) {
            case GenerationEvent.Text(String text) -> {
                answer.append(text);
                terminal.show(text);
                if (terminal.out().checkError()) {
                    session.cancel();
                }
            }
            case GenerationEvent.Reasoning(String text) -> {
                if (settings.verbose || terminal.interactive()) {
                    terminal.err().print(text);
                    terminal.err().flush();
                }
            }
            case GenerationEvent.ToolCall(String name, String argumentsJson) ->
                terminal.show("\n" + name + " " + argumentsJson + "\n");
            case GenerationEvent.Reading _, GenerationEvent.Written _ -> {}
            case GenerationEvent.Finished _, GenerationEvent.Failed _ -> over.complete(event);
        }
    }

    private int end(GenerationEvent last, String question, String answer, Optional<HelpHit> page)
            throws EngineException {
        if (last instanceof GenerationEvent.Failed(EngineException cause)) {
            if (!answer.isEmpty()) {
                terminal.show("\n");
            }
            throw cause;
        }
        terminal.show("\n");
        said.add(Message.user(question));
        if (!answer.isBlank()) {
            said.add(Message.assistant(answer));
        }
        page.filter(hit -> !hit.section().isSmallTalk())
                .ifPresent(hit -> terminal.tell("Help: " + hit.section().title()));
        if (!(last instanceof GenerationEvent.Finished(FinishReason reason, Statistics figures))) {
            return 0;
        }
        if (settings.verbose) {
            terminal.tell(line(reason, figures));
        }
        return switch (reason) {
            case CANCELLED -> STOPPED;
            case STOP, MAX_TOKENS, CONTEXT_FULL -> 0;
        };
    }

    private static String line(FinishReason reason, Statistics figures) {
        return String.format(
                Locale.ROOT,
                "%d prompt tokens (%d reused), %.0f ms to the first token, read at %.1f tokens/s; %d written at %.1f"
                        + " tokens/s; %d of %d guesses right; %d of %d in the context; ended: %s",
                figures.promptTokens(),
                figures.reusedTokens(),
                figures.firstTokenMillis(),
                figures.prefillTokensPerSecond(),
                figures.generatedTokens(),
                figures.decodeTokensPerSecond(),
                figures.acceptedTokens(),
                figures.draftedTokens(),
                figures.contextTokens(),
                figures.contextLimit(),
                reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }

    @Override
    public void close() {
        session.close();
    }
}
