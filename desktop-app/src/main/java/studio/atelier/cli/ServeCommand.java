package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import studio.atelier.app.store.DataFolder;
import studio.atelier.assets.Assets;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineOptions;
import studio.atelier.engine.Statistics;
import studio.atelier.models.Models;
import studio.atelier.models.help.HelpHit;
import studio.atelier.models.store.InstalledModel;
import studio.atelier.models.store.StarterModel;
import studio.atelier.server.ApiServer;
import studio.atelier.server.Served;
import studio.atelier.server.ServedModel;
import studio.atelier.server.ServedModels;

/** The chat API for other programs. */
final class ServeCommand implements Command {
    /** The name of the model that comes with Atelier, for clients. */
    static final String STARTER = "atelier-starter";

    private static final String KEY = "ATELIER_API_KEY";
    private static final int USUAL_PORT = 8088;
    private static final int MOST_TOKENS = 1 << 24;

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String usage() {
        return "[--port N]";
    }

    @Override
    public String summary() {
        return "answers other programs through OpenAI's chat API, on this machine";
    }

    @Override
    public String details() {
        return """
                Clients use http://127.0.0.1:8088/v1 as their base address. The models are those that %s models lists and the
                one that comes with Atelier; the first request for one loads it. Requests at the same time are answered together,
                up to eight. To let other machines in, set the environment variable ATELIER_API_KEY, which clients must then
                bring, and --host 0.0.0.0. Ctrl-C ends it.
                """.formatted(Assets.command());
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("port", "N", "where to listen (" + USUAL_PORT + "); 0 takes a free one"),
                Option.of("host", "ADDRESS", "what to listen on (127.0.0.1)"),
                Option.of("model", "FOLDER", "serves this one alone"),
                Option.of("context", "N", "most tokens of a conversation; the model's own limit unless given"),
                Option.of("backend", "NAME", "cpu, scalar or metal; the fastest unless given"),
                Option.of("cache", "KIND", "how what was read is kept: automatic (the default) or 8bit"));
    }

    @Override
    public int mostArguments() {
        return 0;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, IOException {
        BackendChoice asked = BackendChoice.parse(arguments.text("backend").orElse("automatic"));
        EngineOptions options = new EngineOptions(
                        GpuGate.trial(DataFolder.find()).choose(asked, terminal::tell),
                        arguments.integer("context", 1, MOST_TOKENS).orElse(0))
                .withCache(CacheChoice.parse(arguments.text("cache").orElse("automatic")));
        Optional<String> folder = arguments.text("model");
        ServedModels.Found found = folder.isPresent() ? only(Studio.path(folder.get())) : everything();
        Optional<String> key = Optional.ofNullable(System.getenv(KEY)).filter(text -> !text.isBlank());
        int port = arguments.integer("port", 0, 65535).orElse(USUAL_PORT);
        String host = arguments.text("host").orElse("127.0.0.1");
        CountDownLatch stopped = new CountDownLatch(1);
        try (ServedModels models = new ServedModels(found, options);
                ApiServer server = ApiServer.open(host, port, key, models, served -> terminal.tell(line(served)));
                Interrupts _ = Interrupts.call(stopped::countDown)) {
            terminal.show(server.address() + "/v1\n");
            terminal.tell("Listening. Ctrl-C ends it.");
            stopped.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static String line(Served served) {
        Statistics figures = served.statistics();
        return String.format(
                Locale.ROOT,
                "%s  %s: %d prompt tokens (%d reused), %d written at %.1f tokens/s, %s",
                LocalTime.now().truncatedTo(ChronoUnit.SECONDS),
                served.model(),
                figures.promptTokens(),
                figures.reusedTokens(),
                figures.generatedTokens(),
                figures.decodeTokensPerSecond(),
                served.reason().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }

    private static ServedModels.Found only(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        List<ServedModel> one = List.of(new ServedModel(name == null ? "model" : name.toString(), folder, _ -> ""));
        return () -> one;
    }

    private static ServedModels.Found everything() throws IOException {
        Optional<Path> starter = StarterModel.layOut(DataFolder.find());
        Optional<HelpPages> help = HelpPages.open();
        Function<String, String> preface = question -> help.flatMap(pages -> pages.about(question))
                .map(HelpHit::instruction)
                .orElse("");
        return () -> {
            List<ServedModel> served = new ArrayList<>();
            try (Models models = ModelAccess.open()) {
                for (InstalledModel model : models.installed()) {
                    served.add(new ServedModel(name(model), model.place(), _ -> ""));
                }
            }
            starter.ifPresent(folder -> served.add(new ServedModel(STARTER, folder, preface)));
            return served;
        };
    }

    /** A repository's whole name, where the model has one. */
    private static String name(InstalledModel model) {
        return model.manifest().map(manifest -> manifest.repository()).orElse(model.name());
    }
}
