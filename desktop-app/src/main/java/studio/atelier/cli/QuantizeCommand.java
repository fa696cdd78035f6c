package studio.atelier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import studio.atelier.assets.Assets;
import studio.atelier.engine.EngineException;
import studio.atelier.models.convert.FolderQuantizer;
import studio.atelier.models.convert.Recipe;
import studio.atelier.models.convert.Recipe.Kind;
import studio.atelier.models.store.LocalQuantizer;
import studio.atelier.models.store.ModelManifest;

/** Makes a published model smaller. */
final class QuantizeCommand implements Command {
    private static final Map<String, Kind> KINDS = Map.of(
            "attention-bits", Kind.ATTENTION,
            "head-bits", Kind.HEAD,
            "embedding-bits", Kind.EMBEDDING,
            "feed-forward-bits", Kind.FEED_FORWARD);

    @Override
    public String name() {
        return "quantize";
    }

    @Override
    public String usage() {
        return "SOURCE TARGET [--bits 4] [--group 64]";
    }

    @Override
    public String summary() {
        return "makes a model smaller: reads a Hugging Face folder, writes an MLX folder";
    }

    @Override
    public String details() {
        return """
                The weights become what mlx-lm makes of them, bit for bit, and the layer that predicts further tokens is
                kept. TARGET must not be there yet, and appears when it is whole; stopping at any time is safe, the same
                command goes on. How far each module is from what was published is kept in TARGET/atelier.json.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("recipe", "NAME", "usual (4-bit), careful (4-bit, attention and head in 6) or eight (8-bit)"),
                Option.of("mode", "NAME", "affine (the default), mxfp4, nvfp4 or mxfp8"),
                Option.of("bits", "N", "affine: 2, 3, 4 (the default), 5, 6 or 8"),
                Option.of("group", "N", "affine: how many neighbours share a scale, 32, 64 (the default) or 128"),
                Option.of("attention-bits", "N", "affine with so many bits for attention"),
                Option.of("head-bits", "N", "likewise for the head"),
                Option.of("embedding-bits", "N", "likewise for the embedding"),
                Option.of("feed-forward-bits", "N", "likewise for feed-forward layers and experts"),
                Option.flag("json", "progress and result as one JSON object per line"));
    }

    @Override
    public int mostArguments() {
        return 2;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        Path source = Studio.path(arguments.required(0, "the folder of a model"));
        Path target = Studio.path(arguments.required(1, "the name of the new folder"));
        Recipe recipe = recipe(arguments);
        boolean json = arguments.has("json");
        Optional<ModelManifest> made = new LocalQuantizer(Assets.version(), Clock.systemUTC())
                .quantize(source, target, recipe, json ? lines(terminal) : bar(terminal));
        if (json) {
            ObjectNode node = JsonLines.JSON
                    .createObjectNode()
                    .put("event", "written")
                    .put("folder", target.toString())
                    .put("recipe", recipe.toString());
            made.ifPresent(manifest -> {
                node.put("sizeBytes", manifest.sizeBytes());
                manifest.medianError().ifPresent(error -> node.put("medianError", error));
                ObjectNode layers = node.putObject("errorByLayer");
                manifest.errorByLayer().forEach((layer, error) -> layers.put(String.valueOf(layer), error));
            });
            terminal.show(node + "\n");
        } else {
            terminal.tell(
                    "Wrote " + target + "." + made.map(QuantizeCommand::errors).orElse(""));
        }
        return 0;
    }

    private static Recipe recipe(Arguments arguments) throws UsageException {
        OptionalInt bits = arguments.integer("bits", 1, 16);
        OptionalInt group = arguments.integer("group", 1, 1024);
        Recipe recipe =
                switch (arguments.text("recipe").orElse("")) {
                    case "" -> Recipe.named(arguments.text("mode").orElse("affine"), bits, group);
                    case "usual" -> Recipe.usual();
                    case "careful" -> Recipe.careful();
                    case "eight" -> Recipe.eightBits();
                    default -> throw new UsageException("--recipe: expected usual, careful or eight.");
                };
        boolean both =
                bits.isPresent() || group.isPresent() || arguments.text("mode").isPresent();
        if (arguments.text("recipe").isPresent() && both) {
            throw new UsageException("--recipe says the bits, the group and the mode; give either it or those.");
        }
        for (Map.Entry<String, Kind> kind : KINDS.entrySet()) {
            OptionalInt own = arguments.integer(kind.getKey(), 1, 16);
            if (own.isPresent()) {
                recipe = recipe.with(kind.getValue(), own.getAsInt());
            }
        }
        return recipe;
    }

    private static String errors(ModelManifest manifest) {
        Optional<Map.Entry<Integer, Double>> worst =
                manifest.errorByLayer().entrySet().stream().max(Map.Entry.comparingByValue());
        if (worst.isEmpty() || manifest.medianError().isEmpty()) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                " Relative RMS error: median %.1f %%, at most %.1f %% in layer %d.",
                100 * manifest.medianError().get(),
                100 * worst.get().getValue(),
                worst.get().getKey());
    }

    private static Consumer<FolderQuantizer.Progress> lines(Terminal terminal) {
        return progress -> terminal.show(JsonLines.JSON
                        .createObjectNode()
                        .put("event", "progress")
                        .put("writtenBytes", progress.writtenBytes())
                        .put("totalBytes", progress.totalBytes())
                + "\n");
    }

    private static Consumer<FolderQuantizer.Progress> bar(Terminal terminal) {
        if (!terminal.interactive()) {
            return _ -> {};
        }
        return progress -> {
            boolean whole = progress.writtenBytes() == progress.totalBytes();
            terminal.err()
                    .printf(
                            Locale.ROOT,
                            "\rQuantizing %s %.2f of %.2f GB%s",
                            ProgressBar.of(progress.writtenBytes(), progress.totalBytes()),
                            progress.writtenBytes() / 1e9,
                            progress.totalBytes() / 1e9,
                            whole ? "\n" : "");
            terminal.err().flush();
        };
    }
}
