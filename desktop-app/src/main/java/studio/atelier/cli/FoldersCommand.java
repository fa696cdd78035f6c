package studio.atelier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import studio.atelier.models.Models;
import studio.atelier.models.download.Volume;
import studio.atelier.models.store.Disks;
import studio.atelier.models.store.ModelFolders;

/** Lists and changes the folders that models are kept in. */
final class FoldersCommand implements Command {
    @Override
    public String name() {
        return "folders";
    }

    @Override
    public String usage() {
        return "[add|use|remove FOLDER]";
    }

    @Override
    public String summary() {
        return "lists the folders with models, or changes them";
    }

    @Override
    public String details() {
        return """
                add looks for models in a folder too, whichever program put them there; use lets new models go there;
                remove forgets the folder and leaves what is in it. Without one of them the folders are listed, the one
                for new models first, and other disks with what they offer.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.flag("json", "one JSON object per line"));
    }

    @Override
    public int mostArguments() {
        return 2;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, IOException {
        try (Models models = ModelAccess.open()) {
            ModelFolders folders = models.folders();
            switch (arguments.at(0).orElse("")) {
                case "" -> {
                    list(models, terminal, arguments.has("json"));
                    return 0;
                }
                case "add" -> folders.add(folder(arguments));
                case "use" -> {
                    folders.add(folder(arguments));
                    folders.moveToFront(folder(arguments));
                }
                case "remove" -> folders.remove(folder(arguments));
                default ->
                    throw new UsageException("folders: expected add, use or remove, got \""
                            + arguments.at(0).orElse("") + "\".");
            }
        }
        try (Models models = ModelAccess.open()) {
            list(models, terminal, arguments.has("json"));
        }
        return 0;
    }

    private static Path folder(Arguments arguments) throws UsageException {
        return Path.of(arguments.required(1, "a folder")).toAbsolutePath();
    }

    private static void list(Models models, Terminal terminal, boolean json) throws IOException {
        List<Path> all = models.folders().all();
        for (Path folder : all) {
            boolean there = folder.equals(models.folders().own()) || Files.isDirectory(folder);
            String use = folder.equals(all.getFirst()) ? "new models" : there ? "also" : "away";
            tell(terminal, json, folder, use, there ? Volume.REAL.usableBytes(folder) : 0);
        }
        for (Disks.Found found : models.disks().look()) {
            if (!all.contains(found.folder())) {
                tell(terminal, json, found.folder(), found.isThere() ? "found" : "room", found.freeBytes());
            }
        }
    }

    private static void tell(Terminal terminal, boolean json, Path folder, String use, long freeBytes) {
        ObjectNode node = JsonLines.JSON
                .createObjectNode()
                .put("folder", folder.toString())
                .put("use", use)
                .put("freeBytes", freeBytes);
        terminal.show(
                json
                        ? node + "\n"
                        : String.format(
                                Locale.ROOT, "%-12s %10s free  %s%n", use, ModelsCommand.gigabytes(freeBytes), folder));
    }
}
