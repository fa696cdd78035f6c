package studio.atelier.models.convert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.PlacedSafetensors;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/** Computes pieces a few rows at a time on all cores and writes each where it belongs. Used by one thread. */
final class PieceWriter implements AutoCloseable {
    private record Computed(long firstRow, OutputRows.Packed packed, OutputRows.Scratch scratch) {}

    private final Map<String, PlacedSafetensors> fileOfOutput;
    private final LongConsumer written;
    private final int cores = Runtime.getRuntime().availableProcessors();
    private final ExecutorService workers = Executors.newFixedThreadPool(
            cores, Thread.ofPlatform().name("atelier-quantize-", 1).daemon().factory());

    private final Queue<OutputRows.Scratch> unused = new ConcurrentLinkedQueue<>();

    /** Tells how many bytes were written, after each part. */
    PieceWriter(Map<String, PlacedSafetensors> fileOfOutput, LongConsumer written) {
        this.fileOfOutput = fileOfOutput;
        this.written = written;
    }

    /** Writes all rows of a piece; the sums are added up in the rows' order, so that they come out the same each time. */
    QuantizationError write(Piece piece) throws IOException, EngineException, InterruptedException {
        Output alone = piece.alone();
        Deque<Future<Computed>> running = new ArrayDeque<>();
        long rows = alone.rows().count();
        int chunk = OutputRows.chunk(alone.rows());
        QuantizationError error = QuantizationError.NONE;
        for (long first = 0; first < rows; first += chunk) {
            long from = first;
            int count = (int) Math.min(chunk, rows - first);
            running.add(workers.submit(() -> compute(alone, from, count)));
            if (running.size() > cores) {
                error = error.plus(put(piece, running.remove()));
            }
        }
        while (!running.isEmpty()) {
            error = error.plus(put(piece, running.remove()));
        }
        return error;
    }

    private Computed compute(Output output, long first, int count) throws EngineException {
        OutputRows.Scratch scratch = Objects.requireNonNullElseGet(unused.poll(), OutputRows.Scratch::new);
        return new Computed(first, OutputRows.compute(output, first, count, scratch), scratch);
    }

    private QuantizationError put(Piece piece, Future<Computed> future)
            throws IOException, EngineException, InterruptedException {
        Computed computed;
        try {
            computed = future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EngineException known) {
                throw known;
            }
            throw new IllegalStateException("quantizing " + piece.output().name() + " failed", e.getCause());
        }
        PlacedSafetensors file = fileOfOutput.get(piece.output().name());
        if (file == null) {
            throw new IllegalStateException(
                    "no file was planned for " + piece.output().name());
        }
        List<Announced> tensors = piece.output().tensors();
        long allRows = piece.output().rows().count();
        for (int i = 0; i < tensors.size(); i++) {
            long rowBytes = tensors.get(i).sizeBytes() / allRows;
            MemorySegment part = computed.packed().parts().get(i);
            file.write(tensors.get(i).name(), (piece.firstRow() + computed.firstRow()) * rowBytes, part);
            written.accept(part.byteSize());
        }
        unused.add(computed.scratch());
        return computed.packed().error();
    }

    @Override
    public void close() {
        workers.shutdownNow();
        workers.close();
    }
}
