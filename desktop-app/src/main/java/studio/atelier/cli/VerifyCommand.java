package studio.atelier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import studio.atelier.assets.Assets;
import studio.atelier.models.Models;
import studio.atelier.models.store.InstalledModel;
import studio.atelier.models.store.ModelManifest;
import studio.atelier.models.store.ModelStore;

/** Hashes an installed model's files anew. */
final class VerifyCommand implements Command {
    @Override
    public String name() {
        return "verify";
    }

    @Override
    public String usage() {
        return "NAME [--repair]";
    }

    @Override
    public String summary() {
        return "checks that a model's files are what they were when it was installed";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.flag("repair", "remove damaged files, so that " + Assets.command() + " pull brings those alone"),
                Option.flag("json", "the result as one JSON object"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, IOException {
        String name = arguments.required(0, "the name of a model");
        try (Models models = ModelAccess.open()) {
            InstalledModel model = models.store()
                    .find(name)
                    .orElseThrow(() -> new UsageException("Atelier has installed no model \"" + name + "\"; "
                            + Assets.command() + " models lists them."));
            ModelManifest manifest = model.manifest().orElseThrow();
            ModelStore.Report report = models.store().verify(manifest, _ -> {});
            if (arguments.has("json")) {
                ObjectNode node = JsonLines.JSON
                        .createObjectNode()
                        .put("whole", report.isWhole())
                        .put("checkedBytes", report.checkedBytes());
                report.missing().forEach(node.putArray("missing")::add);
                report.damaged().forEach(node.putArray("damaged")::add);
                terminal.show(node + "\n");
            } else {
                terminal.show(describe(manifest, report));
            }
            if (!report.isWhole() && arguments.has("repair")) {
                boolean possible = models.store().removeDamaged(manifest, report);
                terminal.tell(
                        possible
                                ? "Removed the damaged files; " + Assets.command() + " pull " + manifest.repository()
                                        + " brings them again."
                                : "This model was quantized here and can't be repaired in parts: " + Assets.command()
                                        + " rm " + name + ", then " + Assets.command() + " pull "
                                        + manifest.repository() + ".");
            }
            return report.isWhole() ? 0 : 1;
        } catch (InterruptedException e) {
            throw ModelAccess.stopped(e);
        }
    }

    private static String describe(ModelManifest manifest, ModelStore.Report report) {
        if (report.isWhole()) {
            return "All " + manifest.files().size() + " files are as they were, "
                    + ModelsCommand.gigabytes(report.checkedBytes()) + ".\n";
        }
        StringBuilder text = new StringBuilder();
        report.missing().forEach(file -> text.append("missing: ").append(file).append('\n'));
        report.damaged().forEach(file -> text.append("damaged: ").append(file).append('\n'));
        return text.toString();
    }
}
