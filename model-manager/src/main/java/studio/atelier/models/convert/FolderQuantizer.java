package studio.atelier.models.convert;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.PlacedSafetensors;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;
import studio.atelier.models.download.DiskSpace;

/**
 * Makes a smaller model of a published one: reads a Hugging Face folder, a tensor at a time, and writes an MLX folder,
 * bit for bit as mlx-lm 0.32 does on the CPU, with the layer that predicts further tokens kept beside it. Until it is whole the new
 * folder lies in one that ends in {@code .unfinished}; whatever ends the program, the next call goes on there and makes
 * the same bytes. A source that can't be quantized leaves nothing behind.
 */
public final class FolderQuantizer {
    /** As mlx-lm cuts them. */
    static final long SHARD_BYTES = 5L << 30;

    private static final long SPARE_BYTES = 64L << 20;
    private static final Finishing NOTHING_MORE = (_, _) -> {};

    /**
     * How far it is.
     *
     * @param writtenBytes of the new folder's weights
     * @param totalBytes all of them
     */
    public record Progress(long writtenBytes, long totalBytes) {}

    /**
     * How the work is cut.
     *
     * @param shardBytes of one file of the new folder
     * @param durableBytes are written at most before they are forced to the disk and noted
     */
    record Cut(long shardBytes, long durableBytes) {
        static final Cut USUAL = new Cut(SHARD_BYTES, 256L << 20);
    }

    private FolderQuantizer() {}

    /** Quantizes, with nothing added to the new folder. */
    public static void quantize(Path source, Path target, Recipe recipe, Consumer<Progress> progress)
            throws EngineException, IOException {
        quantize(source, target, recipe, NOTHING_MORE, progress);
    }

    /**
     * Quantizes, or goes on with it.
     *
     * @param target a folder that is not there yet
     * @param finishing what is still to be done to the new folder before it gets its name
     * @param progress told on the calling thread
     * @throws EngineException when the source is no model that Atelier can run, or is quantized already
     * @throws IOException when the target can't be written, in one sentence
     */
    public static void quantize(
            Path source, Path target, Recipe recipe, Finishing finishing, Consumer<Progress> progress)
            throws EngineException, IOException {
        quantize(source, target, recipe, Cut.USUAL, finishing, progress);
    }

    static void quantize(Path source, Path target, Recipe recipe, long shardBytes, Consumer<Progress> progress)
            throws EngineException, IOException {
        quantize(source, target, recipe, new Cut(shardBytes, shardBytes), NOTHING_MORE, progress);
    }

    static void quantize(
            Path source, Path target, Recipe recipe, Cut cut, Finishing finishing, Consumer<Progress> progress)
            throws EngineException, IOException {
        ModelConfig config = ModelConfig.inFolder(source);
        refuseQuantized(config);
        Path absolute = target.toAbsolutePath().normalize();
        FolderWork work = FolderWork.of(absolute);
        String identity = identity(source, recipe, cut);
        if (Files.exists(absolute)) {
            if (work.isLeftOf(identity)) {
                work.remove();
                return;
            }
            throw new IOException(target + " is there already; choose another name or remove it first.");
        }
        if (!PackedSource.isCompressed(config)) {
            ModelCheck.check(source);
        }
        try (FolderWork.Lock _ = work.open(identity);
                ModelFiles files = ModelFiles.open(source)) {
            refuseQuantized(files);
            Plan plan = Plan.of(config, files.tensors(), recipe);
            requireRoom(absolute, sizeBytes(plan), work.made());
            try {
                Map<String, QuantizationError> errors = writeWeights(work, plan, cut, progress);
                MlxFolder.writeConfig(work.made(), config.copy(), plan.scheme(), plan.exceptions(), plan.hasOwnHead());
                MlxFolder.copyCompanions(source, work.made());
                ModelCheck.check(work.made());
                finishing.finish(work.made(), errors);
                Files.move(work.made(), absolute, StandardCopyOption.ATOMIC_MOVE);
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                throw DiskSpace.failed(work.made(), e);
            }
        } catch (ClosedByInterruptException | InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "Quantizing was stopped; what is done is kept, and the same command goes on with it.");
        } catch (EngineException e) {
            work.remove();
            throw e;
        }
        work.remove();
    }

    private static long sizeBytes(Plan plan) {
        return plan.outputs().stream().mapToLong(Output::sizeBytes).sum();
    }

    /** The same for the same files, recipe and cut: only then may the next run go on. */
    private static String identity(Path source, Recipe recipe, Cut cut) throws IOException {
        StringBuilder text = new StringBuilder()
                .append(recipe)
                .append('\n')
                .append(cut.shardBytes())
                .append('\n');
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                text.append(file.getFileName())
                        .append(' ')
                        .append(Files.size(file))
                        .append(' ')
                        .append(Files.getLastModifiedTime(file).toMillis())
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** Writes what is not in the new folder yet; the errors are those of modules packed here, of earlier runs too. */
    private static Map<String, QuantizationError> writeWeights(
            FolderWork work, Plan plan, Cut cut, Consumer<Progress> progress)
            throws IOException, EngineException, InterruptedException {
        Map<String, String> fileOfTensor = new LinkedHashMap<>();
        long totalBytes = sizeBytes(plan);
        Set<String> packed = new HashSet<>();
        plan.outputs().stream().filter(Output::isQuantized).forEach(output -> packed.add(output.name()));
        try (QuantizeJournal journal = QuantizeJournal.open(work.journal())) {
            AtomicLong written = new AtomicLong();
            for (OutputFile planned : OutputFile.of(plan, cut.shardBytes())) {
                List<Announced> tensors = planned.tensors();
                tensors.forEach(tensor -> fileOfTensor.put(tensor.name(), planned.name()));
                try (PlacedSafetensors file =
                        PlacedSafetensors.open(work.made().resolve(planned.name()), tensors, Map.of("format", "mlx"))) {
                    writeShard(
                            planned.outputs(),
                            file,
                            journal,
                            cut,
                            bytes -> progress.accept(new Progress(written.addAndGet(bytes), totalBytes)));
                }
            }
            long parameters =
                    plan.outputs().stream().mapToLong(Output::parameters).sum();
            MlxFolder.writeIndex(work.made(), fileOfTensor, totalBytes, parameters);
            Map<String, QuantizationError> errors = new TreeMap<>(journal.errors());
            errors.keySet().retainAll(packed);
            return errors;
        }
    }

    private static void writeShard(
            List<Output> outputs, PlacedSafetensors file, QuantizeJournal journal, Cut cut, LongConsumer written)
            throws IOException, EngineException, InterruptedException {
        Map<String, PlacedSafetensors> fileOfOutput = new HashMap<>();
        outputs.forEach(output -> fileOfOutput.put(output.name(), file));
        Map<String, QuantizationError> fresh = new LinkedHashMap<>();
        long freshBytes = 0;
        try (PieceWriter writer = new PieceWriter(fileOfOutput, written)) {
            for (Output output : outputs) {
                if (journal.done().contains(output.name())) {
                    written.accept(output.sizeBytes());
                    continue;
                }
                fresh.put(output.name(), writer.write(new Piece(output, 0, output.rows())));
                freshBytes += output.sizeBytes();
                if (freshBytes >= cut.durableBytes()) {
                    file.force();
                    journal.add(fresh);
                    fresh.clear();
                    freshBytes = 0;
                }
            }
        }
        file.force();
        journal.add(fresh);
    }

    static void refuseQuantized(ModelConfig config) throws EngineException {
        if (config.nested("quantization").isPresent()) {
            throw quantized("config.json says so");
        }
        String method = PackedSource.method(config);
        if (PackedSource.isCompressed(config)) {
            PackedSource.compressed(config);
        } else if (!List.of("", "fp8", "mxfp4").contains(method)) {
            throw quantized("config.json names the method " + method);
        }
    }

    static void refuseQuantized(ModelFiles files) throws EngineException {
        for (StoredTensor tensor : files.tensors().values()) {
            if (tensor.name().endsWith(".scales")) {
                throw quantized("it holds " + tensor);
            }
        }
    }

    private static EngineException quantized(String why) {
        return new EngineException(
                Reason.DTYPE_UNSUPPORTED,
                "The model is quantized already (" + why
                        + "); choose one in BF16, F16, F32, FP8, MXFP4 or compressed-tensors.");
    }

    private static void requireRoom(Path target, long neededBytes, Path made) throws IOException {
        long hereBytes = 0;
        try (Stream<Path> files = Files.list(made)) {
            for (Path file : files.toList()) {
                hereBytes += Files.size(file);
            }
        }
        // Files have their whole size from the beginning, filled or not: what an earlier run left is counted as room.
        long freeBytes = Files.getFileStore(made).getUsableSpace() + hereBytes;
        if (freeBytes < neededBytes + SPARE_BYTES) {
            throw new IOException(String.format(
                    Locale.ROOT,
                    "The new model takes %.1f GB and the disk of %s has %.1f GB left; make room or choose another place.",
                    (neededBytes + SPARE_BYTES) / 1e9,
                    target.getParent(),
                    freeBytes / 1e9));
        }
    }

    static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
