package studio.atelier.models.convert;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;

/**
 * Makes a smaller model of a published one: reads a Hugging Face folder, a tensor at a time, and writes an MLX folder,
 * bit for bit as mlx-lm 0.32 does on the CPU, with the layer that predicts further tokens kept. The new folder has
 * another name until it is whole; a failure, or an interrupt of the thread, leaves nothing behind.
 */
public final class FolderQuantizer {
    /** As mlx-lm cuts them. */
    static final long SHARD_BYTES = 5L << 30;

    private static final long SPARE_BYTES = 64L << 20;

    /**
     * How far it is.
     *
     * @param writtenBytes of the new folder's weights
     * @param totalBytes all of them
     */
    public record Progress(long writtenBytes, long totalBytes) {}

    private FolderQuantizer() {}

    /**
     * Quantizes.
     *
     * @param target a folder that is not there yet
     * @param progress told on the calling thread
     * @throws EngineException when the source is no model that Atelier can run, or is quantized already
     * @throws IOException when the target can't be written, in one sentence
     */
    public static void quantize(Path source, Path target, Recipe recipe, Consumer<Progress> progress)
            throws EngineException, IOException {
        quantize(source, target, recipe, SHARD_BYTES, progress);
    }

    static void quantize(Path source, Path target, Recipe recipe, long shardBytes, Consumer<Progress> progress)
            throws EngineException, IOException {
        if (Files.exists(target)) {
            throw new IOException(target + " is there already; choose another name or remove it first.");
        }
        ModelConfig config = ModelConfig.inFolder(source);
        refuseQuantized(config);
        Engine.check(source);
        Path absolute = target.toAbsolutePath().normalize();
        Path unfinished = absolute.resolveSibling(absolute.getFileName() + ".unfinished");
        try (ModelFiles files = ModelFiles.open(source)) {
            refuseQuantized(files);
            Plan plan = Plan.of(config, files.tensors(), recipe);
            long totalBytes =
                    plan.outputs().stream().mapToLong(Output::sizeBytes).sum();
            remove(unfinished);
            Files.createDirectories(unfinished);
            requireRoom(unfinished, totalBytes);
            writeWeights(unfinished, plan, shardBytes, written -> progress.accept(new Progress(written, totalBytes)));
            MlxFolder.writeConfig(unfinished, config.copy(), recipe.scheme(), plan.exceptions());
            MlxFolder.copyCompanions(source, unfinished);
            Engine.check(unfinished);
            Files.move(unfinished, absolute, StandardCopyOption.ATOMIC_MOVE);
        } catch (ClosedByInterruptException e) {
            throw OutputWriter.cancelled();
        } finally {
            remove(unfinished);
        }
    }

    private static void writeWeights(Path folder, Plan plan, long shardBytes, java.util.function.LongConsumer written)
            throws IOException, EngineException {
        List<List<Output>> shards = shards(plan, shardBytes);
        Map<String, String> fileOfTensor = new LinkedHashMap<>();
        long sizeBytes = 0;
        long parameters = 0;
        try (OutputWriter writer = new OutputWriter(written)) {
            for (int i = 0; i < shards.size(); i++) {
                String name = shardName(i, shards.size());
                List<Announced> tensors = shards.get(i).stream()
                        .flatMap(output -> output.tensors().stream())
                        .toList();
                try (SafetensorsWriter file =
                        SafetensorsWriter.begin(folder.resolve(name), tensors, Map.of("format", "mlx"))) {
                    for (Output output : shards.get(i)) {
                        writer.write(output, file);
                        sizeBytes += output.sizeBytes();
                        parameters += output.parameters();
                    }
                    file.finish();
                }
                tensors.forEach(tensor -> fileOfTensor.put(tensor.name(), name));
            }
        }
        MlxFolder.writeIndex(folder, fileOfTensor, sizeBytes, parameters);
    }

    static String shardName(int index, int count) {
        return count == 1
                ? "model.safetensors"
                : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", index + 1, count);
    }

    static List<List<Output>> shards(Plan plan, long shardBytes) {
        List<List<Output>> shards = new ArrayList<>();
        long filled = Long.MAX_VALUE;
        for (Output output : plan.outputs()) {
            if (filled > shardBytes - output.sizeBytes()) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.getLast().add(output);
            filled += output.sizeBytes();
        }
        return shards;
    }

    static void refuseQuantized(ModelConfig config) throws EngineException {
        if (config.nested("quantization").isPresent()) {
            throw quantized("config.json says so");
        }
        String method =
                config.quantization().isPresent() ? config.quantization().get().text("quant_method", "") : "";
        if (!method.isEmpty() && !method.equals("fp8")) {
            throw quantized("config.json names the method " + method);
        }
    }

    static void refuseQuantized(ModelFiles files) throws EngineException {
        for (StoredTensor tensor : files.tensors().values()) {
            if (tensor.name().endsWith(".scales") || tensor.name().endsWith("_blocks")) {
                throw quantized("it holds " + tensor);
            }
        }
    }

    private static EngineException quantized(String why) {
        return new EngineException(
                Reason.DTYPE_UNSUPPORTED,
                "The model is quantized already (" + why + "); choose one in BF16, F16, F32 or FP8.");
    }

    private static void requireRoom(Path folder, long neededBytes) throws IOException {
        long freeBytes = Files.getFileStore(folder).getUsableSpace();
        if (freeBytes < neededBytes + SPARE_BYTES) {
            throw new IOException(String.format(
                    Locale.ROOT,
                    "The new model takes %.1f GB and the disk of %s has %.1f GB left; make room or choose another place.",
                    (neededBytes + SPARE_BYTES) / 1e9,
                    folder.getParent(),
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
