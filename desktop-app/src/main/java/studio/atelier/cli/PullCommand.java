package studio.atelier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException;
import studio.atelier.models.Models;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Progress;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.download.RepositoryDownload;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;
import studio.atelier.models.store.RemoteModel;

/** Brings a model here, quantized on the way where that helps. */
final class PullCommand implements Command {
    @Override
    public String name() {
        return "pull";
    }

    @Override
    public String usage() {
        return "OWNER/NAME";
    }

    @Override
    public String summary() {
        return "downloads a model, in four bits where it isn't small already";
    }

    @Override
    public String details() {
        return """
                A model that was published in full precision is quantized file by file as it arrives, so that the disk
                holds its small version and never more than two of the large files. Stopping at any time is safe: the
                same command goes on.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("revision", "NAME", "a branch or a commit; the main branch by default"),
                Option.of("source", "NAME", "huggingface (the default) or modelscope"),
                Option.of("variant", "NAME", "which of several GGUF files, such as Q4_K_M"),
                Option.of("recipe", "NAME", "usual (4-bit), careful (4-bit, attention and head in 6) or eight (8-bit)"),
                Option.flag("as-published", "keep the weights as they are"),
                Option.flag("json", "progress and result as one JSON object per line"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        RepoId repository = RepoId.parse(arguments.required(0, "the name of a model, such as owner/name"));
        Source source = source(arguments);
        try (Models models = ModelAccess.open()) {
            Downloader downloader = models.downloader(source);
            String revision = arguments.text("revision").orElse(downloader.hub().usualRevision());
            Form form = form(arguments, downloader, repository, revision, terminal);
            QueueItem.Request request =
                    new QueueItem.Request(repository, revision, source, form, arguments.text("variant"));
            QueueItem item = new QueueItem(
                    0, request, QueueItem.State.RUNNING, Optional.empty(), Progress.NONE, "", Optional.empty());
            Consumer<Progress> shown = arguments.has("json") ? json(terminal) : line(terminal);
            models.installer().run(item, _ -> {}, shown);
            tell(models, repository, terminal, arguments.has("json"));
            return 0;
        } catch (InterruptedException e) {
            throw ModelAccess.stopped(e);
        }
    }

    /** By the option {@code --source}. */
    static Source source(Arguments arguments) throws UsageException {
        return switch (arguments.text("source").orElse("huggingface")) {
            case "huggingface" -> Source.HUGGING_FACE;
            case "modelscope" -> Source.MODEL_SCOPE;
            default -> throw new UsageException("--source: expected huggingface or modelscope.");
        };
    }

    private static Form form(
            Arguments arguments, Downloader downloader, RepoId repository, String revision, Terminal terminal)
            throws UsageException, IOException, InterruptedException, EngineException {
        String recipe = arguments.text("recipe").orElse("usual");
        if (!List.of("usual", "careful", "eight").contains(recipe)) {
            throw new UsageException("--recipe: expected usual, careful or eight.");
        }
        if (arguments.has("as-published") || arguments.has("variant")) {
            return Form.AS_PUBLISHED;
        }
        Consumer<TransferEvent> events = event -> {
            if (event instanceof TransferEvent.Waiting waiting) {
                terminal.tell(waiting.failure().getMessage() + " Trying again.");
            }
        };
        Snapshot snapshot = new RepositoryDownload(downloader).pin(repository, revision, events);
        RemoteModel model = RemoteModel.look(downloader, snapshot, events);
        if (!model.isQuantizable()) {
            return Form.AS_PUBLISHED;
        }
        return switch (recipe) {
            case "careful" -> Form.MIXED_AS_IT_ARRIVES;
            case "eight" -> Form.EIGHT_BIT_AS_IT_ARRIVES;
            default -> Form.FOUR_BIT_AS_IT_ARRIVES;
        };
    }

    private static Consumer<Progress> line(Terminal terminal) {
        if (!terminal.interactive()) {
            return _ -> {};
        }
        int[] longest = {0};
        return progress -> {
            String line = describe(progress);
            longest[0] = Math.max(longest[0], line.length());
            terminal.err().print("\r" + line + " ".repeat(longest[0] - line.length()));
            terminal.err().flush();
        };
    }

    /** In one line. */
    static String describe(Progress progress) {
        if (progress.step() == QueueItem.Step.STALLED || progress.totalBytes() == 0) {
            return progress.step() == QueueItem.Step.STALLED ? progress.detail() : "Asking the hub";
        }
        String left = progress.left()
                .map(time -> ", " + time.toMinutes() + " min " + time.toSecondsPart() + " s left")
                .orElse("");
        return String.format(
                Locale.ROOT,
                "%s %s %.2f of %.2f GB, file %d of %d, %.1f MB/s%s",
                switch (progress.step()) {
                    case ASKING, DOWNLOADING, STALLED -> "Downloading";
                    case VERIFYING -> "Verifying";
                    case QUANTIZING -> "Quantizing";
                },
                ProgressBar.of(progress.doneBytes(), progress.totalBytes()),
                progress.doneBytes() / 1e9,
                progress.totalBytes() / 1e9,
                Math.min(progress.shardsDone() + 1, progress.shards()),
                progress.shards(),
                progress.bytesPerSecond() / 1e6,
                left);
    }

    private static Consumer<Progress> json(Terminal terminal) {
        return progress -> {
            ObjectNode node = JsonLines.JSON
                    .createObjectNode()
                    .put("event", "progress")
                    .put("step", progress.step().name().toLowerCase(Locale.ROOT))
                    .put("doneBytes", progress.doneBytes())
                    .put("totalBytes", progress.totalBytes())
                    .put("filesDone", progress.shardsDone())
                    .put("files", progress.shards())
                    .put("bytesPerSecond", Math.round(progress.bytesPerSecond()));
            progress.left().ifPresent(left -> node.put("secondsLeft", left.toSeconds()));
            terminal.show(node + "\n");
        };
    }

    private static void tell(Models models, RepoId repository, Terminal terminal, boolean json) throws IOException {
        var installed = models.store().find(repository.toString());
        if (installed.isEmpty()) {
            throw new IOException(repository + " was downloaded but is not in the store; run the command again.");
        }
        if (json) {
            terminal.show(ModelsCommand.json(installed.get()));
        } else {
            terminal.tell((terminal.interactive() ? "\n" : "") + "Installed " + repository + ", "
                    + ModelsCommand.gigabytes(installed.get().sizeBytes()) + ", in "
                    + installed.get().place() + ".");
        }
    }
}
