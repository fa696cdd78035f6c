package studio.atelier.cli;

import java.io.IOException;
import java.util.List;
import studio.atelier.assets.Assets;
import studio.atelier.models.Models;
import studio.atelier.models.store.InstalledModel;

/** Removes an installed model. */
final class RemoveCommand implements Command {
    @Override
    public String name() {
        return "rm";
    }

    @Override
    public String usage() {
        return "NAME";
    }

    @Override
    public String summary() {
        return "removes a model that Atelier installed, and says what that freed";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.flag("json", "the result as one JSON object"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, IOException {
        String name = arguments.required(0, "the name of a model");
        try (Models models = ModelAccess.open()) {
            InstalledModel model = models.find(name)
                    .orElseThrow(() -> new UsageException(
                            "There is no model \"" + name + "\"; " + Assets.command() + " models lists them."));
            long freedBytes = models.store().delete(model);
            if (arguments.has("json")) {
                terminal.show(
                        JsonLines.JSON
                                        .createObjectNode()
                                        .put("removed", model.name())
                                        .put("freedBytes", freedBytes) + "\n");
            } else {
                terminal.tell(
                        "Removed " + model.name() + ", " + ModelsCommand.gigabytes(freedBytes) + " are free again.");
            }
            return 0;
        }
    }
}
