package studio.atelier.models.gguf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import studio.atelier.engine.Benchmark;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.models.download.Volume;
import studio.atelier.models.gguf.GgufWriter.Announced;

/**
 * Random weights of a shape as a GGUF file, so that llama.cpp can be measured on the shapes that the engine is. Matrices take
 * 4.5 bits per weight and are {@code 1 / sqrt(columns)} large, as the engine's own random weights are.
 */
public final class SyntheticGguf {
    private static final int CHUNK_BYTES = 1 << 20;
    /** Root mean square of codes -8 to 7. */
    private static final double CODE_SIZE = 4.64;
    /** Standard deviation of a draw from 0 to 1. */
    private static final double DRAW_DEVIATION = 0.2887;

    private SyntheticGguf() {}

    /**
     * Writes the file; a second or two for each gigabyte.
     *
     * @param shape one of {@link Benchmark#syntheticShapes()}
     * @param file is not there yet
     * @return its size in bytes
     * @throws EngineException when there is no such shape
     * @throws IOException when the file is there already, or the disk is full
     */
    public static long write(String shape, Path file) throws EngineException, IOException {
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(Benchmark.syntheticConfig(shape));
        return write(SyntheticLayout.of(shape, ModelConfig.of(shape, json)), file, Volume.REAL);
    }

    static long write(SyntheticLayout layout, Path file, Volume volume) throws IOException {
        try (GgufWriter writer = GgufWriter.begin(volume, file, layout.metadata(), layout.tensors())) {
            SplittableRandom random = new SplittableRandom(42);
            ByteBuffer chunk = GgufWriter.buffer(CHUNK_BYTES);
            try {
                for (Announced tensor : layout.tensors()) {
                    write(writer, tensor, chunk, random);
                }
                return writer.finish();
            } catch (IOException e) {
                throw new IOException(
                        file + " could not be written whole (" + e.getMessage()
                                + ") and is removed again: free some space or choose another disk.",
                        e);
            }
        }
    }

    private static void write(GgufWriter writer, Announced tensor, ByteBuffer chunk, SplittableRandom random)
            throws IOException {
        int blockBytes = tensor.type().blockBytes();
        long left = tensor.sizeBytes();
        while (left > 0) {
            chunk.clear();
            while (left > 0 && chunk.remaining() >= blockBytes) {
                block(tensor, chunk, random);
                left -= blockBytes;
            }
            writer.write(tensor.name(), chunk.flip());
        }
    }

    private static void block(Announced tensor, ByteBuffer chunk, SplittableRandom random) {
        double size = 1 / Math.sqrt(tensor.columns());
        switch (tensor.type()) {
            case Q4_0 -> {
                double scale = size / CODE_SIZE * (0.9 + 0.2 * random.nextDouble());
                chunk.putShort(Float.floatToFloat16((float) scale));
                chunk.putLong(random.nextLong()).putLong(random.nextLong());
            }
            case F32 -> {
                boolean norm = tensor.shape().size() == 1;
                chunk.putFloat(norm ? 1 : (float) (size / DRAW_DEVIATION * (random.nextDouble() - 0.5)));
            }
            case F16, Q8_0, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, BF16, MXFP4 ->
                throw new IllegalArgumentException("type: expected Q4_0 or F32, got " + tensor.type());
        }
    }
}
