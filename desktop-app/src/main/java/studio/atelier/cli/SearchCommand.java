package studio.atelier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import studio.atelier.models.Models;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.hub.ModelSummary;
import studio.atelier.models.hub.SearchQuery;

/** Looks for models at the hub. */
final class SearchCommand implements Command {
    @Override
    public String name() {
        return "search";
    }

    @Override
    public String usage() {
        return "WORDS [--format mlx] [--licence apache-2.0]";
    }

    @Override
    public String summary() {
        return "looks for models at the hub";
    }

    @Override
    public String details() {
        return """
                The hub is huggingface.co, or the one that HF_ENDPOINT names. Several words go into quotes.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("format", "NAME", "only repositories in mlx, gguf or safetensors"),
                Option.of("licence", "NAME", "only this licence, such as apache-2.0 or mit"),
                Option.of("sort", "BY", "downloads (the default), trending, likes or newest"),
                Option.of("source", "NAME", "huggingface (the default) or modelscope"),
                Option.of("limit", "N", "how many at most, 20 by default"),
                Option.flag("json", "one JSON object per line"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, IOException {
        Source source = PullCommand.source(arguments);
        SearchQuery query = SearchQuery.of(arguments.at(0).orElse(""))
                .in(format(arguments.text("format").orElse("")))
                .by(sort(arguments.text("sort").orElse("downloads")))
                .atMost(arguments.integer("limit", 1, 1_000).orElse(20));
        if (arguments.text("licence").isPresent()) {
            query = query.licensed(arguments.text("licence").get());
        }
        try (Models models = ModelAccess.open()) {
            List<ModelSummary> found = models.downloader(source)
                    .hub()
                    .search(
                            query,
                            Models.patience(
                                    (failure, pause) -> terminal.tell(failure.getMessage() + " Trying again.")));
            for (ModelSummary model : found) {
                terminal.show(arguments.has("json") ? json(model) : line(model));
            }
            if (found.isEmpty() && !arguments.has("json")) {
                terminal.tell("Nothing was found.");
            }
            return 0;
        } catch (InterruptedException e) {
            throw ModelAccess.stopped(e);
        }
    }

    private static SearchQuery.Format format(String text) throws UsageException {
        return switch (text) {
            case "" -> SearchQuery.Format.ANY;
            case "mlx" -> SearchQuery.Format.MLX;
            case "gguf" -> SearchQuery.Format.GGUF;
            case "safetensors" -> SearchQuery.Format.SAFETENSORS;
            default -> throw new UsageException("--format: expected mlx, gguf or safetensors, got \"" + text + "\".");
        };
    }

    private static SearchQuery.Sort sort(String text) throws UsageException {
        return switch (text) {
            case "downloads" -> SearchQuery.Sort.DOWNLOADS;
            case "trending" -> SearchQuery.Sort.TRENDING;
            case "likes" -> SearchQuery.Sort.LIKES;
            case "newest" -> SearchQuery.Sort.NEWEST;
            default ->
                throw new UsageException(
                        "--sort: expected downloads, trending, likes or newest, got \"" + text + "\".");
        };
    }

    private static String line(ModelSummary model) {
        String size = model.parameters().isPresent()
                ? String.format(Locale.ROOT, "%.1fB", model.parameters().getAsLong() / 1e9)
                : "";
        String access = model.access() == ModelSummary.Access.OPEN
                ? ""
                : "  " + model.access().name().toLowerCase(Locale.ROOT);
        return String.format(
                Locale.ROOT,
                "%-56s %8s  %-14s %,12d downloads%s%n",
                model.repository(),
                size,
                model.licence().orElse(""),
                model.downloads(),
                access);
    }

    private static String json(ModelSummary model) throws IOException {
        ObjectNode node = JsonLines.JSON
                .createObjectNode()
                .put("repository", model.repository().toString())
                .put("downloads", model.downloads())
                .put("likes", model.likes())
                .put("access", model.access().name().toLowerCase(Locale.ROOT));
        model.parameters().ifPresent(count -> node.put("parameters", count));
        model.licence().ifPresent(licence -> node.put("licence", licence));
        model.architecture().ifPresent(type -> node.put("architecture", type));
        return JsonLines.JSON.writeValueAsString(node) + "\n";
    }
}
