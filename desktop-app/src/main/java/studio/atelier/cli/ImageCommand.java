package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import studio.atelier.app.store.DataFolder;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.Background;
import studio.atelier.engine.image.Colours;
import studio.atelier.engine.image.DescriptionEvent;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.engine.image.PictureEvent;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.PictureMask;
import studio.atelier.engine.image.PictureRequest;
import studio.atelier.engine.image.PictureSize;
import studio.atelier.engine.image.PictureTask;
import studio.atelier.engine.image.Provenance;
import studio.atelier.engine.image.Retouch;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.store.StarterPictures;

/** Pictures from words, or changed by words. */
final class ImageCommand implements Command {
    private static final int MOST_PICTURES = 100;
    private static final int STOPPED = 130;
    private static final int MOST_ANSWER_TOKENS = 512;

    @Override
    public String name() {
        return "image";
    }

    @Override
    public String usage() {
        return "\"PROMPT\" --out FILE.png [--model FOLDER] [--size 16:9] [--edit IN.png]";
    }

    @Override
    public String summary() {
        return "draws a picture, or changes one";
    }

    @Override
    public String details() {
        return """
                Without --model the small model that comes with Atelier draws: simple shapes, counted, in exact colours, with
                words, in English or Chinese. FILE ends in .png or .jpg. A PNG says in its metadata how it was
                made, unless --strip is given, and can be given to --edit again. With --count the further files get numbers:
                a.png, a-2.png, a-3.png; their seeds follow one another. --dump writes a file per picture
                in the same way. Ctrl-C keeps what there is of the picture.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("out", "FILE", "where to write; replaced if it is there"),
                Option.of(
                        "model",
                        "FOLDER",
                        "the model's folder: Janus, Janus-Pro or FLUX.2 klein (the one that comes with Atelier)"),
                Option.of("seed", "N", "the same seed gives the same picture (drawn anew)"),
                Option.of("size", "SIZE", "1:1, 16:9 or 640x480 (what the model likes best)"),
                Option.of("background", "WHAT", "auto (the default), transparent or a colour such as #ff8800"),
                Option.repeated("edit", "FILE", "the picture to change; further ones are only looked at"),
                Option.of(
                        "mask",
                        "FILE",
                        "with --edit: only what is white or transparent in FILE changes (experimental)"),
                Option.of(
                        "source-bias",
                        "B",
                        "with --edit and Janus: keeps to the picture, the more the larger B is, such as 3 (experimental)"),
                Option.of("look", "FILE", "answers a question about this picture instead of drawing one"),
                Option.of("count", "N", "how many pictures (1)"),
                Option.of("guidance", "W", "weight of the prompt (the model's own)"),
                Option.of("temperature", "T", "0 always takes the likeliest (the model's own)"),
                Option.of("steps", "N", "steps of the sampler, where the model has one (the model's own)"),
                Option.flag("strip", "says nothing in the file about how it was made"),
                Option.of("dump", "FILE", "writes tokens and logits as safetensors, for comparing engines"),
                Option.of("backend", "NAME", "cpu (the default), scalar or metal"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        if (arguments.has("look")) {
            return look(arguments, terminal);
        }
        Path out = Studio.path(arguments.requiredText("out"));
        if (!PictureFile.canWrite(out)) {
            throw new UsageException("--out: expected a name that ends in .png or .jpg, got \"" + out + "\".");
        }
        PictureRequest request = request(arguments);
        int count = arguments.integer("count", 1, MOST_PICTURES).orElse(1);
        long seed = request.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(1L << 31));
        BackendChoice backend = BackendChoice.parse(arguments.text("backend").orElse("cpu"));
        // Numbers that are compared must not be rounded for speed.
        boolean rounds = backend == BackendChoice.AUTOMATIC || backend == BackendChoice.CPU;
        BackendChoice exact = rounds && arguments.has("dump") ? BackendChoice.CPU_FLOAT : backend;
        try (PictureEngine engine = opened(arguments, exact)) {
            for (int i = 0; i < count; i++) {
                Path file = i == 0 ? out : numbered(out, i + 1);
                PictureRequest next = request.withSeed(seed + i);
                if (i > 0 && request.trace().isPresent()) {
                    next = next.withTrace(numbered(request.trace().get(), i + 1));
                }
                int code = draw(engine, next, file, arguments.has("strip"), terminal);
                if (code != 0) {
                    return code;
                }
            }
        }
        return 0;
    }

    private static PictureEngine opened(Arguments arguments, BackendChoice backend)
            throws UsageException, EngineException, IOException {
        Optional<String> named = arguments.text("model");
        if (named.isPresent()) {
            Path folder = Studio.path(named.get());
            return PictureEngine.open(folder, HubCache.nameOf(folder), backend);
        }
        Path starter = StarterPictures.layOut(DataFolder.find())
                .orElseThrow(() -> new UsageException(
                        "This build of Atelier comes without a model of pictures; name one with --model FOLDER."));
        return PictureEngine.open(starter, StarterPictures.NAME, backend);
    }

    /** The prompt is a question about a picture. */
    private static int look(Arguments arguments, Terminal terminal)
            throws UsageException, EngineException, IOException {
        String question = arguments.required(0, "a question");
        Path file = Studio.path(arguments.requiredText("look"));
        Path model = Studio.path(arguments.requiredText("model"));
        BackendChoice backend = BackendChoice.parse(arguments.text("backend").orElse("cpu"));
        PictureFile seen = PictureFile.read(file);
        CompletableFuture<DescriptionEvent> last = new CompletableFuture<>();
        try (PictureEngine engine = PictureEngine.open(model, backend)) {
            PictureTask task = engine.describe(seen.picture(), question, MOST_ANSWER_TOKENS, event -> {
                if (event instanceof DescriptionEvent.Text(String text)) {
                    terminal.show(text);
                } else {
                    last.complete(event);
                }
            });
            try (Interrupts _ = Interrupts.call(task::cancel)) {
                if (last.join() instanceof DescriptionEvent.Failed(EngineException cause)) {
                    throw cause;
                }
            }
        }
        terminal.show(System.lineSeparator());
        return last.join() instanceof DescriptionEvent.Finished(boolean cancelled) && cancelled ? STOPPED : 0;
    }

    private static PictureRequest request(Arguments arguments) throws UsageException, IOException {
        PictureRequest request = PictureRequest.of(arguments.required(0, "a prompt"));
        Optional<String> size = arguments.text("size");
        if (size.isPresent()) {
            request = request.withSize(PictureSize.parse(size.get())
                    .orElseThrow(() ->
                            new UsageException("--size: expected 1:1, 16:9 or 640x480, got \"" + size.get() + "\".")));
        }
        Optional<String> background = arguments.text("background");
        if (background.isPresent()) {
            request = request.withBackground(background(background.get()));
        }
        List<PictureFile> sources = new ArrayList<>();
        for (String source : arguments.texts("edit")) {
            sources.add(PictureFile.read(Studio.path(source)));
        }
        request = request.withSources(sources);
        Optional<String> mask = arguments.text("mask");
        Optional<Double> bias = arguments.number("source-bias");
        if (mask.isPresent() || bias.isPresent()) {
            Optional<PictureMask> changed = mask.isPresent()
                    ? Optional.of(PictureMask.of(
                            PictureFile.read(Studio.path(mask.get())).picture()))
                    : Optional.empty();
            request = request.withRetouch(new Retouch(changed, bias.orElse(0.0)));
        }
        OptionalLong seed = arguments.whole("seed", 0, Long.MAX_VALUE - MOST_PICTURES);
        if (seed.isPresent()) {
            request = request.withSeed(seed.getAsLong());
        }
        Optional<Double> guidance = arguments.number("guidance");
        if (guidance.isPresent()) {
            request = request.withGuidance(guidance.get());
        }
        Optional<Double> temperature = arguments.number("temperature");
        if (temperature.isPresent()) {
            request = request.withTemperature(temperature.get());
        }
        OptionalInt steps = arguments.integer("steps", 1, 1000);
        if (steps.isPresent()) {
            request = request.withSteps(steps.getAsInt());
        }
        Optional<String> dump = arguments.text("dump");
        return dump.isPresent() ? request.withTrace(Studio.path(dump.get())) : request;
    }

    private static Background background(String text) throws UsageException {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "auto" -> new Background.Automatic();
            case "transparent" -> new Background.Transparent();
            default -> {
                OptionalInt colour = Colours.parse(text);
                if (colour.isEmpty()) {
                    throw new UsageException(
                            "--background: expected auto, transparent or a colour such as #ff8800, got \"" + text
                                    + "\".");
                }
                yield new Background.Plain(colour.getAsInt());
            }
        };
    }

    private static Path numbered(Path file, int number) {
        String name = String.valueOf(file.getFileName());
        int dot = name.contains(".") ? name.lastIndexOf('.') : name.length();
        return file.resolveSibling(name.substring(0, dot) + "-" + number + name.substring(dot));
    }

    /** Returns the exit code. */
    private static int draw(PictureEngine engine, PictureRequest request, Path file, boolean strip, Terminal terminal)
            throws EngineException, IOException {
        CompletableFuture<PictureEvent> last = new CompletableFuture<>();
        PictureTask task = engine.draw(request, progress(terminal, last));
        PictureEvent event;
        try (Interrupts _ = Interrupts.call(task::cancel)) {
            event = last.join();
        }
        return switch (event) {
            case PictureEvent.Finished(PictureFile made, double seconds) -> {
                write(made, strip, file);
                terminal.show(line(file, made, seconds));
                yield 0;
            }
            case PictureEvent.Cancelled(Optional<PictureFile> partial) -> {
                if (partial.isPresent()) {
                    write(partial.get(), strip, file);
                    terminal.tell("Stopped; what there was of the picture is in " + file + ".");
                } else {
                    terminal.tell("Stopped before anything could be seen.");
                }
                yield STOPPED;
            }
            case PictureEvent.Failed(EngineException cause) -> throw cause;
            case PictureEvent.Progress _ -> throw new IllegalStateException("progress is never last");
        };
    }

    private static void write(PictureFile made, boolean strip, Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        (strip ? made.stripped() : made).write(file);
    }

    private static String line(Path file, PictureFile made, double seconds) {
        Provenance story = made.provenance()
                .orElseThrow(() -> new IllegalStateException("the engine says how a picture came to be"));
        return String.format(
                Locale.ROOT,
                "%s: %d × %d, model %s, seed %d, %.1f seconds, colours %s%n",
                file,
                made.picture().width(),
                made.picture().height(),
                story.model(),
                story.seed(),
                seconds,
                String.join(" ", story.colours()));
    }

    /** A person who looks on sees how far it is; the last event goes to the one who waits. */
    private static Consumer<PictureEvent> progress(Terminal terminal, CompletableFuture<PictureEvent> last) {
        return event -> {
            if (event instanceof PictureEvent.Progress(double done, Optional<?> _)) {
                if (terminal.interactive()) {
                    terminal.err().print(String.format(Locale.ROOT, "\rDrawing: %.0f %%", 100 * done));
                    terminal.err().flush();
                }
            } else {
                if (terminal.interactive()) {
                    terminal.err().print("\r" + " ".repeat(16) + "\r");
                    terminal.err().flush();
                }
                last.complete(event);
            }
        };
    }
}
