package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException;
import studio.atelier.models.convert.FolderQuantizer;
import studio.atelier.models.convert.Recipe;

/** Makes a published model smaller. */
final class QuantizeCommand implements Command {
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
                kept. TARGET must not be there yet, and appears when it is whole.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("mode", "NAME", "affine (the default), mxfp4, nvfp4 or mxfp8"),
                Option.of("bits", "N", "affine: 2, 3, 4 (the default), 5, 6 or 8"),
                Option.of("group", "N", "affine: how many neighbours share a scale, 32, 64 (the default) or 128"));
    }

    @Override
    public int mostArguments() {
        return 2;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        Path source = Studio.path(arguments.required(0, "the folder of a model"));
        Path target = Studio.path(arguments.required(1, "the name of the new folder"));
        OptionalInt bits = arguments.integer("bits", 1, 16);
        OptionalInt group = arguments.integer("group", 1, 1024);
        Recipe recipe = Recipe.named(arguments.text("mode").orElse("affine"), bits, group);
        FolderQuantizer.quantize(source, target, recipe, progress(terminal));
        terminal.tell("Wrote " + target + ".");
        return 0;
    }

    private static Consumer<FolderQuantizer.Progress> progress(Terminal terminal) {
        if (!terminal.interactive()) {
            return _ -> {};
        }
        return progress -> {
            boolean whole = progress.writtenBytes() == progress.totalBytes();
            terminal.err()
                    .printf(
                            Locale.ROOT,
                            "\rQuantizing: %.2f of %.2f GB%s",
                            progress.writtenBytes() / 1e9,
                            progress.totalBytes() / 1e9,
                            whole ? "\n" : "");
            terminal.err().flush();
        };
    }
}
