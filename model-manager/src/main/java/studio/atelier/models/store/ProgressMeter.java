package studio.atelier.models.store;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import studio.atelier.models.convert.ArrivingQuantizer;
import studio.atelier.models.download.QueueItem.Progress;
import studio.atelier.models.download.QueueItem.Step;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.TransferRate;

/** Adds single events up to how far a model is, and tells that a few times a second. Any thread. */
final class ProgressMeter {
    private static final long TOLD_EVERY_NANOS = 200_000_000L;

    private final LongSupplier nanoTime;
    private final Consumer<Progress> told;
    private final TransferRate rate;
    private final Set<String> weights;
    private final Set<String> finished = new HashSet<>();
    private final long totalBytes;
    private Step step = Step.ASKING;
    private String detail = "";
    private long doneBytes;
    private int shardsDone;
    private long toldNanos;

    /**
     * Begins at nothing.
     *
     * @param weights paths of the large files, of {@code totalBytes} with the small ones
     */
    ProgressMeter(Set<String> weights, long totalBytes, LongSupplier nanoTime, Consumer<Progress> told) {
        this.weights = weights;
        this.totalBytes = totalBytes;
        this.nanoTime = nanoTime;
        this.told = told;
        this.rate = new TransferRate(nanoTime);
        this.toldNanos = nanoTime.getAsLong() - TOLD_EVERY_NANOS;
    }

    synchronized void transfer(TransferEvent event) {
        boolean important = true;
        switch (event) {
            case TransferEvent.Kept kept -> doneBytes += kept.bytes();
            case TransferEvent.Received received -> {
                doneBytes += received.bytes();
                rate.add(received.bytes());
                step = Step.DOWNLOADING;
                detail = received.path();
                important = false;
            }
            case TransferEvent.Dropped dropped -> doneBytes -= dropped.bytes();
            case TransferEvent.Waiting waiting -> {
                step = Step.STALLED;
                detail = String.valueOf(waiting.failure().getMessage());
                rate.restart();
            }
            case TransferEvent.Verifying verifying -> {
                step = Step.VERIFYING;
                detail = verifying.path();
            }
            case TransferEvent.Finished done -> {
                if (weights.contains(done.path()) && finished.add(done.path())) {
                    shardsDone++;
                }
            }
        }
        tell(important);
    }

    synchronized void arriving(ArrivingQuantizer.Event event, long keptBytes) {
        switch (event) {
            case ArrivingQuantizer.Event.Planned planned -> {
                shardsDone = planned.shardsDone();
                finished.addAll(weights);
                doneBytes += keptBytes;
                tell(true);
            }
            case ArrivingQuantizer.Event.Transfer transfer -> transfer(transfer.event());
            case ArrivingQuantizer.Event.Quantizing quantizing -> {
                step = Step.QUANTIZING;
                detail = quantizing.shard();
                tell(false);
            }
            case ArrivingQuantizer.Event.ShardDone done -> {
                shardsDone = done.shardsDone();
                tell(true);
            }
        }
    }

    synchronized void verifying(String file) {
        step = Step.VERIFYING;
        detail = file;
        tell(true);
    }

    private void tell(boolean now) {
        long nanos = nanoTime.getAsLong();
        if (!now && nanos - toldNanos < TOLD_EVERY_NANOS) {
            return;
        }
        toldNanos = nanos;
        long done = Math.clamp(doneBytes, 0, totalBytes);
        boolean moves = step == Step.DOWNLOADING || step == Step.QUANTIZING;
        told.accept(new Progress(
                step,
                detail,
                done,
                totalBytes,
                shardsDone,
                weights.size(),
                moves ? rate.bytesPerSecond() : 0,
                moves ? rate.timeFor(totalBytes - done) : Optional.empty()));
    }
}
