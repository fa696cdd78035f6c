package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.store.DataFolder;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Benchmark;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.GenerationRequest;
import studio.atelier.engine.ServingBenchmark;
import studio.atelier.engine.chat.Message;
import studio.atelier.models.help.HelpLanguage;
import studio.atelier.models.help.HelpSection;
import studio.atelier.models.store.StarterModel;

/** The part of {@code studio bench} about several sessions and about guessing ahead. */
final class ServingBench {
    private static final String STARTER = "starter";
    private static final int CONTEXT_TOKENS = 128;
    private static final int DECODE_TOKENS = 64;
    private static final int ANSWER_TOKENS = 200;
    private static final int MOST_TOKENS = 1 << 20;

    /** One help section in so many is asked about. */
    private static final int SECTION_STEP = 10;

    /** For models that know no help pages: one free answer, one that quotes, in two languages. */
    private static final List<String> QUESTIONS = List.of(
            "Explain in a few paragraphs how a refrigerator works.",
            "Write a Java record for a point with x and y, then write it again with a method that adds two points.",
            "用几段话解释为什么天空是蓝色的。",
            "把下面的句子重复两遍：春天来了，院子里的花都开了，孩子们在树下玩耍。");

    private ServingBench() {}

    /** The folder that is measured; the model inside the program has a name. */
    static Path folder(Arguments arguments) throws UsageException, IOException {
        String named = arguments.required(0, "a model's folder, or --synthetic with a shape,");
        if (!named.equals(STARTER)) {
            return Studio.path(named);
        }
        return StarterModel.layOut(DataFolder.find())
                .orElseThrow(() -> new UsageException("This build of Atelier comes without a model; name a folder."));
    }

    static int sessions(Arguments arguments, int most, Terminal terminal)
            throws UsageException, EngineException, IOException {
        int context = arguments.text("contexts").isPresent()
                ? LogitsCommand.numbers("contexts", arguments.text("contexts").get())[0]
                : CONTEXT_TOKENS;
        int tokens = arguments.integer("tokens", 1, MOST_TOKENS).orElse(DECODE_TOKENS);
        Optional<String> shape = arguments.text("synthetic");
        ServingBenchmark benchmark = benchmark(arguments);
        return show(
                shape.isPresent()
                        ? benchmark.syntheticSessions(shape.get(), most, context, tokens, terminal::tell)
                        : benchmark.sessions(folder(arguments), most, context, tokens, terminal::tell),
                arguments,
                terminal);
    }

    static int speculation(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        Optional<String> shape = arguments.text("synthetic");
        if (shape.isPresent()) {
            return show(benchmark(arguments).syntheticSpeculation(shape.get()), arguments, terminal);
        }
        List<GenerationRequest.Prompt> prompts = new ArrayList<>();
        if (arguments.at(0).filter(STARTER::equals).isPresent()) {
            HelpPages pages = HelpPages.open()
                    .orElseThrow(() -> new UsageException("This build of Atelier comes without help pages."));
            for (HelpLanguage language : HelpLanguage.values()) {
                List<HelpSection> sections = pages.search().sections(language);
                for (int i = 0; i < sections.size(); i += SECTION_STEP) {
                    prompts.add(aboutHelp(pages, sections.get(i).title()));
                }
            }
        } else {
            QUESTIONS.forEach(
                    question -> prompts.add(new GenerationRequest.Conversation(List.of(Message.user(question)))));
        }
        int tokens = arguments.integer("tokens", 1, MOST_TOKENS).orElse(ANSWER_TOKENS);
        return show(benchmark(arguments).speculation(folder(arguments), prompts, tokens), arguments, terminal);
    }

    private static GenerationRequest.Prompt aboutHelp(HelpPages pages, String question) {
        List<Message> messages = new ArrayList<>();
        pages.about(question).ifPresent(hit -> messages.add(Message.system(hit.instruction())));
        messages.add(Message.user(question));
        return new GenerationRequest.Conversation(messages);
    }

    private static ServingBenchmark benchmark(Arguments arguments) {
        return new ServingBenchmark(
                BackendChoice.parse(arguments.text("backend").orElse("cpu")),
                CacheChoice.parse(arguments.text("cache").orElse("automatic")));
    }

    private static int show(Benchmark.Report report, Arguments arguments, Terminal terminal)
            throws UsageException, IOException {
        terminal.out().print(report.table());
        Optional<String> json = arguments.text("json");
        if (json.isPresent()) {
            Files.writeString(Studio.path(json.get()), report.json() + "\n");
        }
        return 0;
    }
}
