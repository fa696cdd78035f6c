package studio.atelier.models.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.PlacedSafetensors;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.DurableFile;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Volume;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.Retries;
import studio.atelier.models.hub.Snapshot;

/**
 * A repository on its way into a smaller model. {@code source} is the whole repository as folders look, with stand-ins
 * for the weights that are not here; {@code made} is the new model, every file of it in its whole size from the
 * beginning; the journal says which files of the source are in it.
 */
final class Arrival {
    private final Path work;
    private final Downloader downloader;
    private final Snapshot snapshot;
    private final Wanted wanted;
    private final ArrivalJournal journal;
    private final Map<String, byte[]> borrowed = new HashMap<>();
    private Map<String, Scheme> exceptions = Map.of();
    private Map<String, String> fileOfTensor = Map.of();
    private long parameters;
    private long outputBytes;
    private Scheme scheme = Scheme.affine(4, 64);

    /** The new model's files, open. */
    static final class Targets implements AutoCloseable {
        private final Map<String, PlacedSafetensors> fileOfOutput = new HashMap<>();
        private final List<PlacedSafetensors> files = new ArrayList<>();
        private final long sizeBytes;
        private final Recipe recipe;

        private Targets(long sizeBytes, Recipe recipe) {
            this.sizeBytes = sizeBytes;
            this.recipe = recipe;
        }

        long sizeBytes() {
            return sizeBytes;
        }

        @Override
        public void close() throws IOException {
            for (PlacedSafetensors file : files) {
                file.close();
            }
        }
    }

    private Arrival(Path work, Downloader downloader, Snapshot snapshot, Wanted wanted, ArrivalJournal journal) {
        this.work = work;
        this.downloader = downloader;
        this.snapshot = snapshot;
        this.wanted = wanted;
        this.journal = journal;
    }

    static Arrival open(Path work, String identity, Downloader downloader, Snapshot snapshot, Wanted wanted)
            throws IOException {
        Path named = work.resolve("identity");
        if (Files.exists(work)
                && !(Files.isRegularFile(named) && Files.readString(named).equals(identity))) {
            FolderQuantizer.remove(work);
        }
        for (String folder : List.of("source", "made", "headers")) {
            Files.createDirectories(work.resolve(folder));
        }
        DurableFile.write(Volume.REAL, named, identity.getBytes(StandardCharsets.UTF_8));
        ArrivalJournal journal = ArrivalJournal.open(work.resolve("journal.json"), identity);
        return new Arrival(work, downloader, snapshot, wanted, journal);
    }

    ArrivalJournal journal() {
        return journal;
    }

    /** Where weights lie for as long as they are needed. */
    Path passingCache() {
        return work.resolve("passing");
    }

    private Path source() {
        return work.resolve("source");
    }

    /** Brings the texts and the headers, and lays out the source with stand-ins. */
    void prepare(Consumer<TransferEvent> events) throws IOException, InterruptedException, EngineException {
        for (RepoFile text : wanted.texts()) {
            if (!text.path().contains("/")) {
                Path here = downloader.fetch(snapshot, text, events);
                Files.copy(here, source().resolve(text.name()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        ModelConfig config = ModelConfig.inFolder(source());
        FolderQuantizer.refuseQuantized(config);
        Retries retries = downloader.retries(snapshot.repository().toString(), events);
        for (RepoFile weights : wanted.weights()) {
            Path header = work.resolve("headers").resolve(weights.name());
            if (!Files.isRegularFile(header)) {
                byte[] bytes = new RemoteShard(downloader.hub(), snapshot, weights).header(retries);
                DurableFile.write(Volume.REAL, header, bytes);
            }
            standIn(weights);
        }
        borrowScales(retries);
        if (!PackedSource.isCompressed(config)) {
            ModelCheck.check(source());
        }
    }

    /** In place of whatever an earlier run left there. */
    private void standIn(RepoFile weights) throws IOException {
        byte[] header = Files.readAllBytes(work.resolve("headers").resolve(weights.name()));
        RemoteShard.standIn(source().resolve(weights.name()), header, weights.sizeBytes());
    }

    /** Scales of packed matrices are small and may lie in another file than their matrix: those are fetched alone. */
    private void borrowScales(Retries retries) throws IOException, InterruptedException, EngineException {
        try (ModelFiles files = ModelFiles.open(source())) {
            FolderQuantizer.refuseQuantized(files);
            Map<String, StoredTensor> tensors = files.tensors();
            for (StoredTensor matrix : tensors.values()) {
                Optional<StoredTensor> scales = PackedSource.scales(matrix, tensors);
                if (scales.isPresent() && !scales.get().file().equals(matrix.file())) {
                    borrow(scales.get(), placeInFile(tensors, scales.get()), retries);
                }
            }
        }
    }

    /** Where a tensor begins: the data ends at the file's end, and tensors leave no holes. */
    private static long placeInFile(Map<String, StoredTensor> tensors, StoredTensor wanted) throws IOException {
        long behind = 0;
        boolean found = false;
        for (StoredTensor tensor : tensors.values()) {
            if (tensor.file().equals(wanted.file())) {
                found |= tensor.name().equals(wanted.name());
                behind += found ? tensor.sizeBytes() : 0;
            }
        }
        return Files.size(wanted.file()) - behind;
    }

    private void borrow(StoredTensor scales, long place, Retries retries) throws IOException, InterruptedException {
        String name = String.valueOf(scales.file().getFileName());
        RepoFile file = wanted.weights().stream()
                .filter(weights -> weights.name().equals(name))
                .findFirst()
                .orElseThrow();
        byte[] bytes =
                new RemoteShard(downloader.hub(), snapshot, file).read(place, place + scales.sizeBytes() - 1, retries);
        try (FileChannel channel = FileChannel.open(scales.file(), StandardOpenOption.WRITE)) {
            RemoteShard.write(channel, ByteBuffer.wrap(bytes), place);
        }
        borrowed.put(scales.name(), bytes);
    }

    /** Lays out the new model's files. */
    Targets plan(Recipe recipe, long shardBytes) throws IOException, EngineException {
        try (ModelFiles files = ModelFiles.open(source())) {
            ModelConfig config = ModelConfig.inFolder(source());
            Plan plan = Plan.of(config, files.tensors(), recipe);
            exceptions = new TreeMap<>(plan.exceptions());
            scheme = plan.scheme();
            outputBytes = plan.outputs().stream().mapToLong(Output::sizeBytes).sum();
            parameters = plan.outputs().stream().mapToLong(Output::parameters).sum();
            Targets targets = new Targets(outputBytes, recipe);
            Map<String, String> names = new LinkedHashMap<>();
            try {
                for (OutputFile planned : OutputFile.of(plan, shardBytes)) {
                    List<Announced> tensors = planned.tensors();
                    PlacedSafetensors file = PlacedSafetensors.open(
                            work.resolve("made").resolve(planned.name()), tensors, Map.of("format", "mlx"));
                    targets.files.add(file);
                    planned.outputs().forEach(output -> targets.fileOfOutput.put(output.name(), file));
                    tensors.forEach(tensor -> names.put(tensor.name(), planned.name()));
                }
                fileOfTensor = names;
                if (PackedSource.isCompressed(config)) {
                    // The engine reads such weights only as what they become: that is laid out now.
                    writeTexts();
                    ModelCheck.check(work.resolve("made"));
                }
            } catch (IOException | EngineException e) {
                targets.close();
                throw e;
            }
            return targets;
        }
    }

    /** Puts a file that is here and whole into the new model. */
    void take(RepoFile file, Path whole, Targets targets, LongConsumer written)
            throws IOException, EngineException, InterruptedException {
        Path place = source().resolve(file.name());
        link(whole.toRealPath(), place);
        Map<String, QuantizationError> errors = new TreeMap<>();
        AtomicLong writtenBytes = new AtomicLong();
        try (ModelFiles files = ModelFiles.open(source());
                PieceWriter writer =
                        new PieceWriter(targets.fileOfOutput, bytes -> written.accept(writtenBytes.addAndGet(bytes)))) {
            checkBorrowed(files, place);
            Plan plan = Plan.of(ModelConfig.inFolder(source()), files.tensors(), targets.recipe);
            Map<String, Path> fileOfSource = new HashMap<>();
            files.tensors().forEach((name, tensor) -> fileOfSource.put(name, tensor.file()));
            for (Piece piece : Piece.of(place, plan.outputs(), fileOfSource)) {
                QuantizationError error = writer.write(piece);
                if (piece.output().isQuantized()) {
                    errors.merge(piece.output().name(), error, QuantizationError::plus);
                }
            }
        }
        for (PlacedSafetensors target : targets.files) {
            target.force();
        }
        journal.add(file.path(), errors);
        standIn(file);
    }

    private static void link(Path whole, Path place) throws IOException {
        Path beside = place.resolveSibling(place.getFileName() + ".new");
        Files.deleteIfExists(beside);
        try {
            Files.createLink(beside, whole);
        } catch (UnsupportedOperationException | IOException e) {
            Files.createSymbolicLink(beside, whole);
        }
        Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What was fetched alone is not covered by the hash until its file is here. */
    private void checkBorrowed(ModelFiles files, Path arrived) throws HubException, EngineException {
        for (Map.Entry<String, byte[]> scales : borrowed.entrySet()) {
            StoredTensor tensor = files.tensor(scales.getKey());
            if (tensor.file().equals(arrived)
                    && tensor.bytes().asByteBuffer().mismatch(ByteBuffer.wrap(scales.getValue())) >= 0) {
                throw HubException.lasting(
                        Reason.CORRUPT,
                        "The scales " + scales.getKey()
                                + " arrived with other bytes than their file holds; cancel this download and start it again.");
            }
        }
    }

    /** Adds the texts to the new model, when all weights are in it; the folder still has its working name. */
    Path finish() throws IOException, EngineException {
        Path made = work.resolve("made");
        writeTexts();
        ModelCheck.check(made);
        return made;
    }

    private void writeTexts() throws IOException, EngineException {
        Path made = work.resolve("made");
        ObjectNode config = ModelConfig.inFolder(source()).copy();
        MlxFolder.writeIndex(made, fileOfTensor, outputBytes, parameters);
        MlxFolder.writeConfig(made, config, scheme, exceptions, fileOfTensor.containsKey("lm_head.weight"));
        MlxFolder.copyCompanions(source(), made);
    }
}
