package studio.atelier.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.store.DataFolder;
import studio.atelier.assets.Assets;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineOptions;
import studio.atelier.engine.SnapshotFolder;
import studio.atelier.models.store.StarterModel;

/** A conversation in the terminal. */
final class ChatCommand implements Command {
    private static final int MOST_TOKENS = 1 << 24;

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String usage() {
        return "[--model FOLDER] [\"question\"]";
    }

    @Override
    public String summary() {
        return "asks a model; without a question, a conversation";
    }

    @Override
    public String details() {
        return """
                Without --model it is the small model that comes with Atelier, which answers from Atelier's help pages. A
                question may also come from standard input. In a conversation, Ctrl-C stops an answer, and Ctrl-D or /bye
                ends it.
                """;
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>();
        options.add(Option.of("model", "FOLDER", "a folder with config.json and .safetensors files"));
        options.add(Option.of("system", "TEXT", "what the model is told before everything else"));
        options.addAll(SamplingOptions.ALL);
        options.add(Option.of("max-tokens", "N", "the longest answer (2048)"));
        options.add(Option.repeated("stop", "TEXT", "ends an answer before this text"));
        options.add(Option.repeated("set", "NAME=VALUE", "a variable for the chat template"));
        options.add(Option.flag("raw", "continues the text as it is, without the chat template"));
        options.add(Option.of("context", "N", "most tokens to remember; the model's own limit unless given"));
        options.add(Option.of("backend", "NAME", "cpu, scalar or metal; the fastest unless given"));
        options.add(Option.of("cache", "KIND", "how what was read is kept: automatic (the default) or 8bit"));
        options.add(Option.flag("verbose", "prints figures and the model's thinking on standard error"));
        return List.copyOf(options);
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        Optional<String> question = arguments.at(0);
        if (question.isEmpty() && !terminal.interactive()) {
            String text = terminal.readText().strip();
            if (text.isEmpty()) {
                throw new UsageException("There is no question: " + Assets.command() + " chat \"question\".");
            }
            question = Optional.of(text);
        }
        Dialog.Settings settings = Dialog.Settings.of(arguments);
        Optional<String> model = arguments.text("model");
        Path folder = model.isPresent() ? Studio.path(model.get()) : starter();
        Optional<HelpPages> help = model.isPresent() ? Optional.empty() : HelpPages.open();
        BackendChoice backend = GpuGate.trial(DataFolder.find())
                .choose(BackendChoice.parse(arguments.text("backend").orElse("automatic")), terminal::tell);
        int context = arguments.integer("context", 1, MOST_TOKENS).orElse(0);
        EngineOptions options = new EngineOptions(backend, context)
                .withCache(CacheChoice.parse(arguments.text("cache").orElse("automatic")))
                .withSnapshots(SnapshotFolder.in(DataFolder.find().resolve("cache/conversations")));
        try (Engine engine = Engine.open(folder, options, LoadingLine.on(terminal));
                Dialog dialog = new Dialog(
                        engine,
                        SamplingOptions.over(engine.recommendedSampling(), arguments),
                        settings,
                        help,
                        terminal)) {
            return question.isPresent() ? dialog.ask(question.get()) : converse(dialog, terminal);
        }
    }

    private static Path starter() throws IOException, UsageException {
        return StarterModel.layOut(DataFolder.find())
                .orElseThrow(() -> new UsageException(
                        "This build of Atelier comes without a model; name one with --model FOLDER."));
    }

    private static int converse(Dialog dialog, Terminal terminal) throws IOException, EngineException {
        terminal.tell("Ctrl-C stops an answer; Ctrl-D or /bye ends the conversation.");
        BufferedReader lines = new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
        while (true) {
            terminal.err().print("> ");
            terminal.err().flush();
            String line = lines.readLine();
            if (line == null || line.strip().equals("/bye")) {
                return 0;
            }
            if (line.isBlank()) {
                continue;
            }
            try {
                dialog.ask(line.strip());
            } catch (EngineException e) {
                // The next question may be a shorter one.
                terminal.tell(String.valueOf(e.getMessage()));
            }
        }
    }
}
