package studio.atelier.models.convert;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/**
 * Computes tensors a few rows at a time on all cores and writes them in order. Used by one thread, which closes it.
 */
final class OutputWriter implements AutoCloseable {
    private static final int CHUNK_NUMBERS = 1 << 20;

    private final LongConsumer told;
    private final int cores = Runtime.getRuntime().availableProcessors();
    private final ExecutorService workers = Executors.newFixedThreadPool(
            cores, Thread.ofPlatform().name("atelier-quantize-", 1).daemon().factory());
    private long writtenBytes;

    /** Tells how many bytes were written in all, after each part. */
    OutputWriter(LongConsumer told) {
        this.told = told;
    }

    void write(Output output, SafetensorsWriter file) throws IOException, EngineException {
        Deque<Future<List<MemorySegment>>> running = new ArrayDeque<>();
        long rows = output.rows().count();
        int chunk = chunkRows(output.rows());
        for (long first = 0; first < rows; first += chunk) {
            long from = first;
            int count = (int) Math.min(chunk, rows - first);
            running.add(workers.submit(() -> compute(output, from, count)));
            if (running.size() > cores) {
                put(output, running.remove(), file);
            }
        }
        while (!running.isEmpty()) {
            put(output, running.remove(), file);
        }
    }

    static int chunkRows(Rows rows) {
        int fitting = Math.max(1, CHUNK_NUMBERS / rows.columns());
        return Math.max(rows.together(), fitting / rows.together() * rows.together());
    }

    /** Says that the thread was interrupted, wherever that was noticed. */
    static InterruptedIOException cancelled() {
        return new InterruptedIOException("Quantizing was cancelled; nothing was kept.");
    }

    private void put(Output output, Future<List<MemorySegment>> computed, SafetensorsWriter file)
            throws IOException, EngineException {
        List<MemorySegment> parts;
        try {
            parts = computed.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EngineException known) {
                throw known;
            }
            throw new IllegalStateException("quantizing " + output.name() + " failed", e.getCause());
        }
        List<Announced> tensors = output.tensors();
        for (int i = 0; i < tensors.size(); i++) {
            file.write(tensors.get(i).name(), parts.get(i));
            writtenBytes += parts.get(i).byteSize();
        }
        told.accept(writtenBytes);
    }

    /** The bytes of some rows for each of the output's tensors. */
    static List<MemorySegment> compute(Output output, long first, int count) throws EngineException {
        float[] values = values(output, first, count);
        return parts(output, count, values);
    }

    /** Rows as they are quantized: rounded to the published type, and finite. */
    static float[] values(Output output, long first, int count) throws EngineException {
        Rows rows = output.rows();
        float[] values = new float[Math.multiplyExact(count, rows.columns())];
        rows.read(first, count, values);
        for (int i = 0; i < values.length; i++) {
            values[i] = rounded(values[i], output.type());
            if (!Float.isFinite(values[i])) {
                throw new EngineException(
                        Reason.MODEL_FILE_BROKEN,
                        "The tensor \"" + output.name() + "\" holds " + values[i] + " in row "
                                + (first + i / rows.columns()) + "; download the model again.");
            }
        }
        return values;
    }

    /** What the rows become, for each of the output's tensors. */
    static List<MemorySegment> parts(Output output, int count, float[] values) {
        Rows rows = output.rows();
        if (output.scheme().isEmpty()) {
            return List.of(MemorySegment.ofArray(bytes(values, output.type())));
        }
        Quantized packed = Quantizer.quantize(
                values, count, rows.columns(), output.scheme().get(), output.type());
        List<MemorySegment> parts = new ArrayList<>(List.of(packed.packed(), packed.scales()));
        if (output.tensors().size() == 3) {
            parts.add(packed.biases());
        }
        return parts;
    }

    private static float rounded(float value, DType type) {
        return switch (type) {
            case BF16 -> Float8.roundToBfloat16(value);
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            default -> value;
        };
    }

    private static byte[] bytes(float[] values, DType type) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, type.sizeBytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            switch (type) {
                case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
                case F16 -> bytes.putShort(Float.floatToFloat16(value));
                default -> bytes.putFloat(value);
            }
        }
        return bytes.array();
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
