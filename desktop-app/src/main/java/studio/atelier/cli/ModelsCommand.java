package studio.atelier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import studio.atelier.assets.Assets;
import studio.atelier.models.Models;
import studio.atelier.models.store.InstalledModel;

/** Lists what is on this machine. */
final class ModelsCommand implements Command {
    @Override
    public String name() {
        return "models";
    }

    @Override
    public String usage() {
        return "";
    }

    @Override
    public String summary() {
        return "lists the models on this machine, other programs' included";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.flag("json", "one JSON object per line"));
    }

    @Override
    public int mostArguments() {
        return 0;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws IOException {
        try (Models models = ModelAccess.open()) {
            List<InstalledModel> installed = models.installed();
            for (InstalledModel model : installed) {
                terminal.show(arguments.has("json") ? json(model) : line(model));
            }
            if (installed.isEmpty() && !arguments.has("json")) {
                terminal.tell("There are no models here yet; " + Assets.command() + " search finds some.");
            }
            return 0;
        }
    }

    private static String line(InstalledModel model) {
        return String.format(
                Locale.ROOT,
                "%-44s %-8s %10s  %-10s %s%n",
                model.name(),
                model.format(),
                gigabytes(model.sizeBytes()),
                origin(model),
                model.place());
    }

    private static String origin(InstalledModel model) {
        return switch (model.origin()) {
            case ATELIER -> "Atelier";
            case HUB_CACHE -> "hub cache";
            case LM_STUDIO -> "LM Studio";
            case OLLAMA -> "Ollama";
            case FOLDER -> "folder";
        };
    }

    static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    static String json(InstalledModel model) throws IOException {
        ObjectNode node = JsonLines.JSON
                .createObjectNode()
                .put("name", model.name())
                .put("place", model.place().toString())
                .put("origin", model.origin().name().toLowerCase(Locale.ROOT))
                .put("sizeBytes", model.sizeBytes())
                .put("format", model.format());
        model.manifest().ifPresent(manifest -> {
            node.put("repository", manifest.repository())
                    .put("commit", manifest.commit())
                    .put("recipe", manifest.recipe());
            manifest.licence().ifPresent(licence -> node.put("licence", licence));
            manifest.medianError().ifPresent(error -> node.put("medianRelativeError", error));
        });
        return JsonLines.JSON.writeValueAsString(node) + "\n";
    }
}
